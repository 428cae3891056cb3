"""What the end-to-end tests are made of: processes, the bus as a client sees it, and its invariants."""
