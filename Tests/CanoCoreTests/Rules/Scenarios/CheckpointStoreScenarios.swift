import CanoCore
import RuleFixture

/// What a run relies on in the store that keeps its log.
struct CheckpointStoreScenarios {
    let store = InMemoryCheckpointStore()

    func takenNumber() async throws -> Facts {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        let error = await caught { try await store.append(CheckpointRow(sequence: 0, state: "second"), to: "r") }
        return ["code": error?.code, "rows by state": try await store.rows(of: "r").map(\.state)]
    }

    func order() async throws -> Facts {
        for row in [
            CheckpointRow(sequence: 0, state: "first"), CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", payload: [1]),
            CheckpointRow(sequence: 2, kind: .stepCursor, state: "first", payload: [2], replaces: 1),
            CheckpointRow(sequence: 3, state: "second", visit: 2),
        ] { try await store.append(row, to: "r") }
        return [
            "numbers": try await store.rows(of: "r").map(\.sequence), "rows of an unknown run": try await store.rows(of: "unknown"),
        ]
    }

    func clear() async throws -> Facts {
        for run in ["r", "r2"] as [RunID] { try await store.append(CheckpointRow(sequence: 0, state: "first"), to: run) }
        for run in ["r", "unknown"] as [RunID] { try await store.clear(run) }
        return ["rows of the one": try await store.rows(of: "r").count, "rows of the other": try await store.rows(of: "r2").count]
    }

    func manyRuns() async throws -> Facts {
        let store = store
        let rows = (0..<20).map { CheckpointRow(sequence: $0, state: "s", visit: $0 + 1) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for run in 0..<50 {
                group.addTask { for row in rows { try await store.append(row, to: RunID("r\(run)")) } }
            }
            try await group.waitForAll()
        }
        var whole = 0
        for run in 0..<50 where try await store.rows(of: RunID("r\(run)")) == rows { whole += 1 }
        return ["logs that are whole": whole]
    }
}
