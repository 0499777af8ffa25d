package api

// TillMemory is how long the hash of a till is remembered.
const TillMemory = accessLife

// Slow is from when on a request is logged unasked.
const Slow = slow
