import CanoTesting
import NIOCore
import Testing

@testable import CanoRedis

extension Fuzzing {
    @Suite("Any bytes of a server", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct RESPFuzzTests {
        private struct Stream {
            let bytes: [UInt8]
            /// Where it is cut.
            let cuts: [Int]
        }

        private static let mutator = ByteMutator(
            examples: [
                "+OK\r\n-WRONGTYPE no list\r\n:-42\r\n$3\r\nabc\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n",
                "*3\r\n$5\r\nhello\r\n*2\r\n:1\r\n$-1\r\n+fine\r\n:7\r\n",
                "*1\r\n*2\r\n$8\r\ncommands\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$4\r\ntype\r\n$5\r\nstart\r\n",
                "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
            ],
            tokens: [
                "\r\n", "\r", "\n", "+", "-", ":", "$", "*", "$-1\r\n", "*-1\r\n", "*1\r\n", "*0\r\n", "$0\r\n\r\n", ":1\r\n", "%1\r\n",
                "_\r\n", "#t\r\n", ",1.5\r\n",
                "-2", "2147483647", "4294967296", "*2147483647\r\n", "$2147483647\r\n", "*9223372036854775807\r\n",
                "$9223372036854775807\r\n",
            ])

        @Test("are the same replies, or the same error behind them, in whatever pieces they come")
        func pieces() async throws {
            let fuzzer = Fuzzer<Stream>(name: "resp-pieces", inputs: 10_000, literal: { "\($0.bytes.literal), cut at \($0.cuts)" }) {
                random in
                let bytes = Self.mutator.input(&random)
                return Stream(bytes: bytes, cuts: (0..<random.below(8)).map { _ in random.below(bytes.count + 1) }.sorted())
            }
            try await fuzzer.run { stream in
                let whole = Self.read([stream.bytes[...]])
                var pieces: [ArraySlice<UInt8>] = []
                var start = 0
                for cut in stream.cuts + [stream.bytes.count] {
                    pieces.append(stream.bytes[start..<cut])
                    start = cut
                }
                for pieces in [pieces, stream.bytes.indices.map { stream.bytes[$0...$0] }] {
                    let read = Self.read(pieces)
                    guard read == whole else { throw Finding("is \(whole) in one piece, and \(read) in \(pieces.count)") }
                }
            }
        }

        private struct Outcome: Equatable {
            var values: [RESPValue] = []
            var error: String?
        }

        private static func read(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
            var outcome = Outcome()
            do {
                var reader = try RESPReader()
                for piece in pieces {
                    try feed(piece, to: &reader)
                    while let value = try reader.next() { outcome.values.append(value) }
                }
            } catch {
                outcome.error = "\(error)"
            }
            return outcome
        }

        private static func feed(_ piece: ArraySlice<UInt8>, to reader: inout RESPReader) throws(RedisError) {
            // Behind the end of what came there is nothing to be read by mistake.
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(piece.count, 1), alignment: 1)
            defer { bytes.deallocate() }
            bytes.copyBytes(from: piece)
            try reader.feed(UnsafeRawBufferPointer(rebasing: bytes[..<piece.count]))
        }

        @Test("that are a reply are that reply")
        func values() async throws {
            let fuzzer = Fuzzer<RESPValue>(name: "resp-values", inputs: 5_000, literal: { "\($0)" }) { Self.value(&$0, depth: 0) }
            try await fuzzer.run { value in
                let read = Self.read([Self.bytes(of: value)[...]])
                guard read == Outcome(values: [value]) else { throw Finding("is read as \(read)") }
            }
        }

        private static func value(_ random: inout SeededGenerator, depth: Int) -> RESPValue {
            switch random.below(depth < 6 ? 6 : 5) {
            case 0: .null
            case 1: .integer(random.integer())
            case 2: .simple(line(&random))
            case 3: .error(RedisServerError(message: line(&random)))
            case 4: .bulk((0..<random.below(20)).map { _ in UInt8(random.below(256)) })
            default: .array((0..<random.below(5)).map { _ in value(&random, depth: depth + 1) })
            }
        }

        /// What a status or an error may be: text without a line end.
        private static func line(_ random: inout SeededGenerator) -> String {
            String(String.UnicodeScalarView(random.text(upTo: 10).unicodeScalars.filter { $0 != "\n" && $0 != "\r" }))
        }

        private static func bytes(of value: RESPValue) -> [UInt8] {
            switch value {
            case .null: Array("$-1\r\n".utf8)
            case .integer(let number): Array(":\(number)\r\n".utf8)
            case .simple(let text): Array("+\(text)\r\n".utf8)
            case .error(let error): Array("-\(error.message)\r\n".utf8)
            case .bulk(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
            case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap(Self.bytes)
            }
        }
    }
}
