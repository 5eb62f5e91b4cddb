"""An app of a site. mypy's plugin for Django only knows the models of installed apps."""
