"""Writers: a document tree to Markdown, HTML or Word. They decide looks, never content."""
