import CanoCore
import CanoRedisStores
import CanoTesting
import Testing

extension Fuzzing {
    @Suite("Any row of a log in Redis", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct RowFuzzTests {
        private static let mutator = ByteMutator(
            examples: [
                #"{"sequence":0,"kind":"state_entry","state":"fetch","task":"","visit":1,"version":"1"}"#,
                #"{"sequence":7,"kind":"step_cursor","state":"é","task":"copy","visit":2,"version":"1.2","next":"done","replaces":6,"payload":"eyJhIjoxfQ==","writer":-42}"#,
                #"{"sequence":3,"kind":"rollback_start","state":"ship","task":"","visit":3,"version":"","payload":"","writer":9223372036854775807}"#,
            ],
            tokens: [
                "{", "}", "[", "]", ",", ":", "\"", "\\u", "null", "true", "1.5", "1e3", "\"sequence\":", "\"kind\":", "\"payload\":",
                "\"writer\":", "compensated",
                "timer_deadline", "compensation_completion", "=", "====", "\u{0}",
            ])

        @Test("is read as a row that reads the same when it is written, or refused")
        func reading() async throws {
            let fuzzer = Fuzzer(name: "rows-reading", inputs: 10_000, literal: \.literal) { Self.mutator.input(&$0) }
            try await fuzzer.run { bytes in
                let row: CheckpointRow
                do {
                    row = try RowCodec.decode(bytes, of: "order-42")
                } catch let error as CanoError {
                    guard error.category == .checkpointStore, ["malformed_log", "unknown_kind"].contains(error.code) else {
                        throw Finding("is refused with \(error)")
                    }
                    return
                }
                try Self.checkRoundTrip(row)
            }
        }

        @Test("that was written is read as the row it was")
        func writing() async throws {
            let fuzzer = Fuzzer<CheckpointRow>(name: "rows-writing", inputs: 5_000, literal: { "\($0)" }) { CheckpointRow(random: &$0) }
            try await fuzzer.run { try Self.checkRoundTrip($0) }
        }

        private static func checkRoundTrip(_ row: CheckpointRow) throws {
            let text = RowCodec.encode(row)
            let again = try RowCodec.decode(Array(text.utf8), of: "order-42")
            guard again == row, RowCodec.encode(again).utf8.elementsEqual(text.utf8) else {
                throw Finding("is written as \(text), which is \(again)")
            }
        }
    }
}

extension CheckpointRow {
    /// A row that an engine could write, with anything for its names and numbers.
    init(random: inout SeededGenerator) {
        self.init(
            sequence: Int(random.integer()), kind: random.one(of: RowKind.allCases), state: random.text(upTo: 8),
            task: random.text(upTo: 8),
            visit: Int(random.integer()), next: random.once(in: 2) ? random.text(upTo: 8) : nil,
            payload: random.once(in: 2) ? (0..<random.below(40)).map { _ in UInt8(random.below(256)) } : nil,
            replaces: random.once(in: 2) ? Int(random.integer()) : nil, version: random.text(upTo: 4),
            writer: random.once(in: 2) ? random.integer() : nil)
    }
}
