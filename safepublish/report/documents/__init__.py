"""The JSON documents, schema 1: fields are added, never renamed or removed.

One module a document: `check`, `workflow` and `explain`, each with the pydantic models that define it, `render`, which
fills them, and `schema`, which docs/schema/ holds. `finding` has the parts that all of them share.
In: what `causes` found. Out: JSON. The only part of `report` that imports pydantic, which takes longer to import than
the rest of a publish: import it where a document is written, not before.
"""
