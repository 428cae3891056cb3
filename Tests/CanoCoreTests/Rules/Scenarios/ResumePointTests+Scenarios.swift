import RuleFixture

@testable import CanoCore

extension ResumePointTests {
    func versions() throws -> Facts {
        var facts: Facts = [:]
        let rows = [CheckpointRow(sequence: 0, state: "a", version: "1"), CheckpointRow(sequence: 1, state: "b", visit: 2, version: "2")]
        facts["last state for version 2"] = try ResumePoint(rows: rows, version: "2").last.state
        facts["last state without a version"] = try ResumePoint(rows: rows, version: "").last.state
        let error = caught { try ResumePoint(rows: rows, version: "1") }
        facts["category for version 1"] = error?.category
        return facts
    }
}
