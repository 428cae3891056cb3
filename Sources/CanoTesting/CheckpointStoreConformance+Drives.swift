import CanoCore

/// A run may be driven by one drive after the other, and never by two at a time.
extension CheckpointStoreConformance {
    static let drives: [CheckpointStoreConformance] = [
        CheckpointStoreConformance("the same row of another drive is refused, and that of the first can still be repeated") { store in
            let run = RunID.random()
            for row in [entry(0, by: 1), entry(1, by: 1)] {
                try await store.append(row, to: run)
                try await expectRefused(entry(row.sequence, by: 2), of: run, by: store)
                try await expectRefused(entry(row.sequence, by: nil), of: run, by: store)
                try await store.append(row, to: run)
            }
            try expect(try await log(of: run, in: store), [entry(0, by: 1), entry(1, by: 1)])
            try await store.clear(run)
        },
        CheckpointStoreConformance("a run with a log is not begun again, however alike the rows are") { store in
            let run = RunID.random()
            try await store.append(entry(0, by: 1), to: run)
            await store.release(run)
            try await expectRefused(entry(0, by: 2), of: run, by: store)
            try expect(try await log(of: run, in: store), [entry(0, by: 1)])
            try await store.clear(run)
            try await store.append(entry(0, by: 2), to: run)
            try await store.clear(run)
        },
        CheckpointStoreConformance("of the same row of many drives that come at the same time, exactly one is kept") { store in
            let run = RunID.random()
            let kept: [CheckpointRow] = await withTaskGroup(of: CheckpointRow?.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        do { try await store.append(entry(0, by: Int64(writer)), to: run) } catch { return nil }
                        return entry(0, by: Int64(writer))
                    }
                }
                return await group.reduce(into: []) { kept, row in if let row { kept.append(row) } }
            }
            try expect(kept.count, 1)
            try expect(try await log(of: run, in: store), kept)
            try await store.clear(run)
        },
        CheckpointStoreConformance("a drive that goes on with a run keeps out the one before") { store in
            let run = RunID.random()
            try await store.append(entry(0, by: 1), to: run)
            try expect(try await log(of: run, in: store), [entry(0, by: 1)])
            try await store.append(entry(1, by: 2), to: run)
            try await expectRefused(entry(1, by: 1), of: run, by: store)
            try expect(try await log(of: run, in: store), [entry(0, by: 1), entry(1, by: 2)])
            try await store.clear(run)
        },
        CheckpointStoreConformance("a drive that lags behind does not write where a replaced row was") { store in
            let run = RunID.random()
            func cursor(_ sequence: Int, replaces: Int?, by writer: Int64) -> CheckpointRow {
                CheckpointRow(sequence: sequence, kind: .stepCursor, state: "s", payload: [1], replaces: replaces, writer: writer)
            }
            let rows = [entry(0, by: 1), cursor(1, replaces: nil, by: 1), cursor(2, replaces: 1, by: 1)]
            for row in rows { try await store.append(row, to: run) }
            try await expectRefused(cursor(1, replaces: nil, by: 2), of: run, by: store)
            try expect(try await log(of: run, in: store), [rows[0], rows[2]])
            try await store.clear(run)
        },
        CheckpointStoreConformance("a log that was removed does not begin anew in the middle") { store in
            let run = RunID.random()
            try await store.append(entry(0, by: 1), to: run)
            try await store.clear(run)
            try await expectRefused(entry(1, by: 1), of: run, by: store)
            try expect(try await log(of: run, in: store), [])
        },
    ]

    private static func entry(_ sequence: Int, by writer: Int64?) -> CheckpointRow {
        CheckpointRow(sequence: sequence, state: "s", task: "task", visit: sequence + 1, version: "1", writer: writer)
    }
}
