"""Planning problems that come from outside as a JSON document, solved by the calculation of the supply plan."""
