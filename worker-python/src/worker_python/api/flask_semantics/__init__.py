r"""Flask's manners, where a caller or an operator can see them: one rule, one place.

| rule | kept by |
|---|---|
| JSON is compact, keys sorted, non-ASCII escaped, one newline at the end; NaN passes | `answers` |
| 400, 404, 405, 415 and 500 are Werkzeug's pages, byte for byte | `pages` |
| `Allow` names every method of the path, HEAD and OPTIONS included | `routes` |
| HEAD is answered as GET, OPTIONS by every route | `routes`, `edge` |
| HEAD on a creating route starts nothing (a departure) | `routes.CreatingRoute` |
| `<int:…>` is `\d+`: any Unicode digits, no sign, no space, no point | `routes` |
| more digits than Python converts match no route | `routes` |
| a trailing slash is another path: 404, no redirect | `app` (`redirect_slashes=False`) |
| leading slashes collapse; inner ones redirect with 308 | `slashes` |
| a body is JSON by its content type only; `application/*+json` too | `bodies` |
| an empty, malformed or undecodable body is 400, no JSON type 415 | `bodies` |
| a falsy body is echoed as `{}` | `bodies` |
| `/static/…` exists, and holds nothing | `index` |

Read from Flask 3.1 and Werkzeug 3.1; `tests/contracts` puts the same requests to both workers.
"""
