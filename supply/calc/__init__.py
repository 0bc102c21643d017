"""Pure supply calculations: arrays in, arrays out, no database and no clock."""
