"""The month without hands: the same services and gates as the pages, called by the service users."""
