"""What stands behind a figure: who moved, one customer whole, customers by page."""
