"""Early data under a ticket that was used: what is not in the matrix, where a whole flight is said again."""

import re

from peers.clients import request, s_client
from peers.matrix import EARLY_DATA, ROWS


def test_what_is_refused_comes_by_the_ordinary_way(lab):
    """openssl's client offers one ticket twice: the second time the session goes on all the same."""
    cell, = (cell for row in ROWS for cell in row.cells() if str(cell) == f"openssl/client/1.3/{EARLY_DATA}")
    ours, session, target = lab.serving_engine(cell), lab.file(b""), f"/body.txt?{lab.count()}"
    saying = request(ours.port, target)
    s_client(lab, ours, cell, request(ours.port, "/body.txt"), "-sess_out", session)
    told = [s_client(lab, ours, cell, late, "-sess_in", session, "-early_data", lab.file(saying)).text
            for late in (b"", saying)]
    assert "Early data was accepted" in told[0] and "Early data was rejected" in told[1]
    ours.until_says(rf"^GET {re.escape(target)} late resumed=true early=rejected ")
    assert re.findall(rf"^GET {re.escape(target)} (\w+) ", ours.said, re.MULTILINE) == ["early", "late"]
