"""Pure arithmetic of the ground: months, rounding, dollars, budget to leaves. No Django here."""
