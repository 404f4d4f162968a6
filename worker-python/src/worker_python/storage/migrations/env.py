"""Alembic's entry: it works on the connection it is given, in the transaction that is open there.

`alembic.config.Config.attributes["connection"]` holds a SQLAlchemy connection of either dialect.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
