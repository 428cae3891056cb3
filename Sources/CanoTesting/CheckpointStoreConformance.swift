public import CanoCore

/// What every `CheckpointStore` must do, as checks to run against one.
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

    init(_ description: String, _ check: @escaping @Sendable (any CheckpointStore) async throws -> Void) {
        self.description = description
        self.check = check
    }

    /// Runs the check.
    ///
    /// - Throws: ``UnmetExpectation``, or what the store threw.
    public func callAsFunction(_ store: any CheckpointStore) async throws { try await check(store) }

    /// Every check.
    public static let all = rows + drives + runs

    private static let rows: [CheckpointStoreConformance] = [
        CheckpointStoreConformance("an unknown run has no rows, and clearing it is fine") { store in
            let run = RunID.random()
            try await store.clear(run)
            try expect(try await log(of: run, in: store), [])
        },
        CheckpointStoreConformance("rows come back whole and by ascending sequence") { store in
            let run = RunID.random()
            let rows = everyKindOfRow
            for row in rows { try await store.append(row, to: run) }
            try expect(try await log(of: run, in: store), rows)
            try await store.clear(run)
        },
        CheckpointStoreConformance("the same row again is a success and changes nothing") { store in
            let run = RunID.random()
            let row = CheckpointRow(sequence: 0, state: "first", task: "task", payload: [1, 2])
            try await store.append(row, to: run)
            try await store.append(row, to: run)
            try expect(try await log(of: run, in: store), [row])
            try await store.clear(run)
        },
        CheckpointStoreConformance("a row can be repeated when there are later ones, and changes nothing") { store in
            let run = RunID.random()
            let rows = (0..<3).map { CheckpointRow(sequence: $0, state: "s", visit: $0 + 1) }
            for row in rows { try await store.append(row, to: run) }
            try await store.append(rows[0], to: run)
            try expect(try await log(of: run, in: store), rows)
            try await store.clear(run)
        },
        CheckpointStoreConformance("a row takes the place of the one it replaces, and can be repeated") { store in
            let run = RunID.random()
            let entry = CheckpointRow(sequence: 0, state: "s")
            func cursor(_ sequence: Int, replaces: Int?) -> CheckpointRow {
                CheckpointRow(sequence: sequence, kind: .stepCursor, state: "s", payload: [UInt8(sequence)], replaces: replaces)
            }
            try await store.append(entry, to: run)
            try await store.append(cursor(1, replaces: nil), to: run)
            try await store.append(cursor(2, replaces: 1), to: run)
            try await store.append(cursor(2, replaces: 1), to: run)
            try expect(try await log(of: run, in: store), [entry, cursor(2, replaces: 1)])
            try await store.append(CheckpointRow(sequence: 3, state: "t", visit: 2), to: run)
            try expect(try await log(of: run, in: store).map(\.sequence), [0, 2, 3])
            try await store.clear(run)
        },
        CheckpointStoreConformance("a row takes the place of all rows from the one it replaces on, and of none before") { store in
            let run = RunID.random()
            func row(_ sequence: Int, _ kind: RowKind, visit: Int, branch: Int? = nil, replaces: Int? = nil) -> CheckpointRow {
                CheckpointRow(
                    sequence: sequence, kind: kind, state: "s", task: "task", visit: visit, branch: branch,
                    next: kind == .compensationCompletion ? "s" : nil, payload: kind == .stateEntry ? nil : [1], replaces: replaces)
            }
            let done = row(0, .compensationCompletion, visit: 1)
            let open = [
                row(1, .stateEntry, visit: 2), row(2, .branchEnd, visit: 2, branch: 1), row(3, .attempt, visit: 2, branch: 0),
                row(4, .waiting, visit: 2, branch: 2),
            ]
            try await store.append(done, to: run)
            try await store.append(contentsOf: open, to: run)
            try expect(try await log(of: run, in: store), [done] + open)
            let next = row(5, .stateEntry, visit: 3, replaces: 1)
            try await store.append(next, to: run)
            try await store.append(next, to: run)
            try expect(try await log(of: run, in: store), [done, next])
            try await store.append(row(6, .stateEntry, visit: 4, replaces: 5), to: run)
            try expect(try await log(of: run, in: store).map(\.sequence), [0, 6])
            try await store.clear(run)
        },
        CheckpointStoreConformance("a wait that begins is a row of the log") { store in
            let run = RunID.random()
            let entry = CheckpointRow(sequence: 0, state: "s", task: "task")
            let wait = CheckpointRow(sequence: 1, kind: .waiting, state: "s", task: "task", payload: [2])
            try await store.append(entry, to: run)
            try expect(try await store.beginWaiting(RunWait([OpenWait(signals: ["go"], until: 5)]), with: wait, of: run), .here)
            try expect(try await log(of: run, in: store), [entry, wait])
            try await store.clear(run)
        },
        CheckpointStoreConformance("another row at a sequence that is taken is refused and leaves the old one alone") { store in
            let run = RunID.random()
            let row = CheckpointRow(sequence: 0, state: "first")
            try await store.append(row, to: run)
            try await expectRefused(CheckpointRow(sequence: 0, state: "second"), of: run, by: store)
            try expect(try await log(of: run, in: store), [row])
            try await store.clear(run)
        },
        CheckpointStoreConformance("of different rows that come for one sequence at the same time, exactly one is kept") { store in
            let run = RunID.random()
            let kept: [CheckpointRow] = await withTaskGroup(of: CheckpointRow?.self) { group in
                for writer in 0..<8 {
                    let row = CheckpointRow(sequence: 0, state: "writer \(writer)")
                    group.addTask {
                        do { try await store.append(row, to: run) } catch { return nil }; return row
                    }
                }
                return await group.reduce(into: []) { kept, row in if let row { kept.append(row) } }
            }
            try expect(kept.count, 1)
            try expect(try await log(of: run, in: store), kept)
            try await store.clear(run)
        },
        CheckpointStoreConformance("texts and payloads come back as they were, whatever is in them") { store in
            let run = RunID("läufe/'1'; -- \"\(RunID.random())\"")
            let rows = ["", " ", "'quoted' \"twice\"", "line\nbreak\ttab", "日本語 🚚", String(repeating: "long", count: 1_000)].enumerated()
                .map { index, text in
                    CheckpointRow(
                        sequence: index, kind: .compensationCompletion, state: text, task: text, visit: index + 1, next: text,
                        payload: Array(repeating: UInt8(index), count: index * 20_000), version: text)
                }
            for row in rows { try await store.append(row, to: run) }
            try expect(try await log(of: run, in: store), rows)
            try await store.clear(run)
        },
        CheckpointStoreConformance("clearing removes one run and no other") { store in
            let (run, neighbour) = (RunID.random(), RunID.random())
            let row = CheckpointRow(sequence: 0, state: "first")
            try await store.append(row, to: run)
            try await store.append(row, to: neighbour)
            try await store.clear(run)
            try expect(try await log(of: run, in: store), [])
            try expect(try await log(of: neighbour, in: store), [row])
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
            try expect(try await log(of: run, in: store), rows)
            try await store.clear(run)
        },
        CheckpointStoreConformance("runs that write at the same time do not disturb each other") { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let run = RunID.random()
                        let rows = (0..<20).map { CheckpointRow(sequence: $0, state: "\(run)") }
                        for row in rows { try await store.append(row, to: run) }
                        try expect(try await log(of: run, in: store), rows)
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
                branch: kind == .branchEnd ? 3 : nil, next: kind == .compensationCompletion ? "next" : nil,
                payload: kind == .stateEntry ? nil : Array(0...255),
                replaces: kind == .stepCursor ? 100 : nil, version: "1.2", writer: .max - 1)
        }
    }

    static func expect<Value: Equatable>(_ found: Value, _ wanted: Value) throws(UnmetExpectation) {
        if found != wanted { throw UnmetExpectation("found \(found) instead of \(wanted)") }
    }

    /// The log as a process reads it that continues the run, and that may have it now.
    static func log(of run: RunID, in store: any CheckpointStore) async throws -> [CheckpointRow] {
        await store.release(run)
        return try await store.rows(of: run)
    }

    /// Appends a row that is none of the log's, and expects to hear so, with an error that keeps the engine from trying again.
    static func expectRefused(_ row: CheckpointRow, of run: RunID, by store: any CheckpointStore) async throws {
        do {
            try await store.append(row, to: run)
        } catch is Relinquished {
            return
        } catch let error as CanoError where error.category == .checkpointStore && !error.isRetryable {
            return
        }
        throw UnmetExpectation("a row was accepted that has no place in the log: \(row)")
    }
}
