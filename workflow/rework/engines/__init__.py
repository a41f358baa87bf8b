"""Models that train by themselves, without torch: each module has a function ``fit`` (see ``fitted.Engine``)."""
