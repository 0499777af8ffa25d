package api

// TillMemory is how long the hash of a till is remembered.
const TillMemory = accessLife
