"""The live pages: the service's values as pages and as JSON, on this machine alone."""
