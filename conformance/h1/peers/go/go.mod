// A peer of `./dev conformance h1`.
module h1

go 1.26
