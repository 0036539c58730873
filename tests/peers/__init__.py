"""What the Python tests share: programs, the test PKI, peers, wires that misbehave."""
