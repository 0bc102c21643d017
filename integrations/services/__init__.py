"""What changes by or for machines: keys and acknowledgements."""
