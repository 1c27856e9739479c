//! Labels for parcels.
