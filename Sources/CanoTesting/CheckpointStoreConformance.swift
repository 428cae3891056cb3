public import CanoCore

/// What every ``CheckpointStore`` must do, as checks to run against one.
///
/// ```swift
/// @Test("keeps logs as every store does", arguments: CheckpointStoreConformance.all)
/// func conforms(_ check: CheckpointStoreConformance) async throws { try await check(MyStore()) }
/// ```
///
/// Every check uses runs of its own, so one store may serve them all, also at the same time.
public struct CheckpointStoreConformance: Sendable, CustomStringConvertible {
    /// What is checked, as a sentence.
    public let description: String
    private let check: @Sendable (any CheckpointStore) async throws -> Void

    private init(_ description: String, _ check: @escaping @Sendable (any CheckpointStore) async throws -> Void) {
        self.description = description
        self.check = check
    }

    /// Runs the check.
    ///
    /// - Throws: ``UnmetExpectation``, or what the store threw.
    public func callAsFunction(_ store: any CheckpointStore) async throws { try await check(store) }

    /// Every check.
    public static let all: [CheckpointStoreConformance] = [
        CheckpointStoreConformance("an unknown run has no rows, and clearing it is fine") { store in
            let run = RunID.random()
            try await store.clear(run)
            try expect(try await store.rows(of: run), [])
        },
        CheckpointStoreConformance("rows come back whole and by ascending sequence") { store in
            let run = RunID.random()
            let rows = everyKindOfRow
            for row in rows { try await store.append(row, to: run) }
            try expect(try await store.rows(of: run), rows)
            try await store.clear(run)
        },
        CheckpointStoreConformance("the same row again is a success and changes nothing") { store in
            let run = RunID.random()
            let row = CheckpointRow(sequence: 0, state: "first", task: "task", payload: [1, 2])
            try await store.append(row, to: run)
            try await store.append(row, to: run)
            try expect(try await store.rows(of: run), [row])
            try await store.clear(run)
        },
        CheckpointStoreConformance("another row at a sequence that is taken is refused and leaves the old one alone") { store in
            let run = RunID.random()
            let row = CheckpointRow(sequence: 0, state: "first")
            try await store.append(row, to: run)
            do {
                try await store.append(CheckpointRow(sequence: 0, state: "second"), to: run)
            } catch let error as CanoError where error.category == .checkpointStore && !error.isRetryable {
                try expect(try await store.rows(of: run), [row])
                return try await store.clear(run)
            }
            throw UnmetExpectation("a conflicting row was accepted")
        },
        CheckpointStoreConformance("clearing removes one run and no other") { store in
            let (run, neighbour) = (RunID.random(), RunID.random())
            let row = CheckpointRow(sequence: 0, state: "first")
            try await store.append(row, to: run)
            try await store.append(row, to: neighbour)
            try await store.clear(run)
            try expect(try await store.rows(of: run), [])
            try expect(try await store.rows(of: neighbour), [row])
            try await store.append(CheckpointRow(sequence: 0, state: "anew"), to: run)
            try await store.clear(run)
            try await store.clear(neighbour)
        },
        CheckpointStoreConformance("an empty payload is there, and differs from none") { store in
            let run = RunID.random()
            let rows = [
                CheckpointRow(sequence: 0, kind: .stepCursor, state: "s", payload: []),
                CheckpointRow(sequence: 1, state: "s", payload: nil),
            ]
            for row in rows { try await store.append(row, to: run) }
            try expect(try await store.rows(of: run), rows)
            try await store.clear(run)
        },
        CheckpointStoreConformance("runs that write at the same time do not disturb each other") { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let run = RunID.random()
                        let rows = (0..<20).map { CheckpointRow(sequence: $0, state: "\(run)") }
                        for row in rows { try await store.append(row, to: run) }
                        try expect(try await store.rows(of: run), rows)
                        try await store.clear(run)
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    private static var everyKindOfRow: [CheckpointRow] {
        RowKind.allCases.enumerated().map { index, kind in
            CheckpointRow(
                sequence: index, kind: kind, state: "état \(index)", task: kind == .stateEntry ? "" : "task", visit: index + 1,
                next: kind == .compensationCompletion ? "next" : nil, payload: kind == .stateEntry ? nil : Array(0...255), version: "1.2")
        }
    }

    private static func expect<Value: Equatable>(_ found: Value, _ wanted: Value) throws(UnmetExpectation) {
        if found != wanted { throw UnmetExpectation("found \(found) instead of \(wanted)") }
    }
}
