// A table of runs.
@testable import CanoAdmin

struct Run { var id: String }

func table(run: Run) {
    // block: Sources/CanoAdmin/Markup/HTML.swift
}
