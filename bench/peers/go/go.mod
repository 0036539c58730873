// A peer of `./dev bench x509`.
module bench

go 1.26
