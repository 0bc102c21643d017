"""What tests and the headless commands need of a database of their own."""
