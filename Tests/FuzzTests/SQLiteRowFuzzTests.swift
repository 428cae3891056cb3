#if SQLite
    import CanoCore
    import CanoTesting
    import Foundation
    import GRDB
    import Testing

    @testable import CanoSQLite

    extension Fuzzing {
        @Suite("Any row of an SQLite file", .timeLimit(.minutes(FuzzPlan.current.minutes)))
        struct SQLiteRowFuzzTests {
            /// The values of a row's columns, as SQLite has them: of any type, whatever the table says.
            private typealias Columns = [String: DatabaseValue]

            private static let columns = [
                "run", "sequence", "kind", "state", "task", "visit", "next", "payload", "replaces", "version", "writer",
            ]

            @Test("is read as a row, or refused")
            func reading() async throws {
                let fuzzer = Fuzzer<Columns>(name: "sqlite-reading", inputs: 2_000, literal: { "\($0)" }) { random in
                    var columns = Self.row(&random)
                    for _ in 0..<random.below(3) { columns[random.one(of: Self.columns)] = Self.value(&random) }
                    return columns
                }
                let database = try DatabaseQueue()
                // What a file holds that a damaged disk or another program wrote: the constraints of our own table are not in its way.
                try await database.write { try $0.execute(sql: "CREATE TABLE checkpoint (\(Self.columns.joined(separator: ", ")))") }
                try await fuzzer.run { columns in
                    try database.write { database in
                        try database.execute(sql: "DELETE FROM checkpoint")
                        try database.execute(
                            sql: "INSERT INTO checkpoint VALUES (\(Self.columns.map { _ in "?" }.joined(separator: ", ")))",
                            arguments: StatementArguments(Self.columns.map { columns[$0] ?? .null }))
                        let read: StoredRow?
                        do {
                            read = try StoredRow.fetchOne(database)
                        } catch let error as CanoError {
                            guard error.category == .checkpointStore, ["malformed_log", "unknown_kind"].contains(error.code) else {
                                throw Finding("is refused with \(error)")
                            }
                            return
                        }
                        guard let read else { throw Finding("is not there") }
                        let again = try Self.columns(of: read)
                        guard again == columns.filter({ !$0.value.isNull }) else { throw Finding("is read as \(again)") }
                    }
                }
            }

            private static func columns(of row: StoredRow) throws -> Columns { try row.databaseDictionary.filter { !$0.value.isNull } }

            private static func row(_ random: inout SeededGenerator) -> Columns {
                var columns: Columns = ["kind": random.one(of: RowKind.allCases).rawValue.databaseValue]
                for name in ["run", "state", "task", "version"] { columns[name] = text(&random).databaseValue }
                for name in ["sequence", "visit"] { columns[name] = random.integer().databaseValue }
                if random.once(in: 2) { columns["next"] = text(&random).databaseValue }
                if random.once(in: 2) { columns["payload"] = bytes(&random).databaseValue }
                for name in ["replaces", "writer"] where random.once(in: 2) { columns[name] = random.integer().databaseValue }
                return columns
            }

            private static func value(_ random: inout SeededGenerator) -> DatabaseValue {
                switch random.below(5) {
                case 0: .null
                case 1: random.integer().databaseValue
                case 2: Double(random.integer()).databaseValue
                case 3: text(&random).databaseValue
                default: bytes(&random).databaseValue
                }
            }

            /// GRDB cuts a text at its first zero character, so none is read that has one.
            private static func text(_ random: inout SeededGenerator) -> String {
                String(String.UnicodeScalarView(random.text(upTo: 6).unicodeScalars.filter { $0 != "\u{0}" }))
            }

            private static func bytes(_ random: inout SeededGenerator) -> Data {
                Data((0..<random.below(6)).map { _ in UInt8(random.below(256)) })
            }
        }
    }
#endif
