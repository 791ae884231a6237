"""The project: settings, the root of the addresses, the WSGI application."""
