"""Measured answers: each procedure asks for trials, looks at them, and ends in a finding of its own.

A procedure is a generator: it yields what it wants to see (`Ask`), is sent what was seen, and returns what it found
(`Found`). It runs nothing and writes nothing, so that the same code is driven by a ledger or by a made-up machine with a
known answer, and so that a procedure that was killed is replayed from the record.
"""
