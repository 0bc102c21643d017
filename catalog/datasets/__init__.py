"""The file formats that the ground itself owns, one module per subject."""
