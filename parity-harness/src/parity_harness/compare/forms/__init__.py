"""What a volatile value still promises: a type, a format and, for times, a moment.

A form is written in a noise rule as text, so that a reader of the report sees what was let pass:

    uuid4   hex:32   opaque:43   integer   float   word   text
    iso8601:YYYY-MM-DDThh:mm:ss.ffffff+00:00      letters are digits, all else is literal
    near:http-date                                the same format, and the same moment
    template:/jobs/⟨uuid4⟩                        literal text around a form
    null | near:epoch-seconds                     one or the other
"""

from parity_harness.compare.forms.form import Form, parse
from parity_harness.compare.forms.instants import moment
from parity_harness.compare.forms.naming import common_form, form_of, near_form
from parity_harness.compare.forms.scalars import form_of_text as form_of_key

__all__ = ["Form", "common_form", "form_of", "form_of_key", "moment", "near_form", "parse"]
