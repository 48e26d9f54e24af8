"""Another tool's figures against ours."""
