// Package schemes is the published store: policy documents and vocabularies as immutable versions of their files, who published and
// approved them, and the set that is in use in a tenant. Scheme files on disk are its seed and its export, matched by hash.
//
// What is in use is always one whole set that was checked together, with every worked example; it is compiled once per hash.
// Everybody may read it; an administrator publishes.
package schemes
