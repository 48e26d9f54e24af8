"""Bad input: a clear error or a quarantined entry with its reason, nothing lost, and the next command goes on."""
