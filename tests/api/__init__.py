"""The service over HTTP, in a process of its own."""
