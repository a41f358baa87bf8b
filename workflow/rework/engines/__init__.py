"""Models with their own training, without torch: each module has a function ``fit`` (see ``fitted.Engine``)."""
