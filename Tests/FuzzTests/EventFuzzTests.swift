import Testing

@testable import CanoBus

extension Fuzzing {
    @Suite("Any entry of a stream of events", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct EventFuzzTests {
        @Test("is read as an event, whose data reads the same when it is written, or refused")
        func events() async throws {
            let mutator = try FieldMutator(folders: ["events"], names: Field.allCases.map(\.rawValue))
            let fuzzer = Fuzzer(name: "events", inputs: 5_000, literal: FieldMutator.literal) { mutator.input(&$0) }
            try await fuzzer.run { fields in
                let entry = EventEntry(fields)
                _ = (entry.sequence, entry.epoch, entry.unknownFields)
                do {
                    if let data = try entry.data() as? any EventDataCoding { try EventCheck.check(data) }
                } catch let error as BusError {
                    guard error.code == .unreadableEvent else { throw Finding("is refused with \(error)") }
                }
            }
        }

        @Test("or text, is read as the graph of a workflow, which reads the same when it is written, or refused")
        func graphs() async throws {
            let mutator = ByteMutator(
                examples: [
                    #"{"start":"a","states":[{"label":"a","kind":"wait","task":"t"},{"label":"é","kind":"split","branches":3}],"edges":[]}"#,
                    #"{"start":"","states":[{"label":"b","kind":"remote","undoable":true}],"edges":[{"from":"b","to":"b"}],"more":[{}]}"#,
                ], tokens: ["{", "}", "[", "]", ",", ":", "\"", "null", "true", "\"kind\":", "\"exit\"", "-", "1e3", "\\u0000"])
            let fuzzer = Fuzzer(name: "graphs", inputs: 5_000, literal: \.literal) { mutator.input(&$0) }
            try await fuzzer.run { bytes in
                do {
                    let graph = try GraphRecord(json: String(decoding: bytes, as: UTF8.self), of: "w@1")
                    if try GraphRecord(json: graph.json, of: "w@1").json != graph.json { throw Finding("is, written, another graph") }
                } catch let error as BusError {
                    guard error.code == .unreadableGraph else { throw Finding("is refused with \(error)") }
                }
            }
        }

        @Test("or hash, is read as a record or dead letter or refused")
        func records() async throws {
            let mutator = try FieldMutator(folders: ["records", "deadletters"], names: Field.allCases.map(\.rawValue))
            let fuzzer = Fuzzer(name: "records", inputs: 5_000, literal: FieldMutator.literal) { mutator.input(&$0) }
            try await fuzzer.run { fields in
                let letter = DeadLetter(fields)
                _ = (letter.fields, letter.stream, letter.isQuarantine)
                do {
                    let record = try RunRecord(letter.fields, of: "order-42")
                    _ = (record?.created, record?.finished, record?.output, record?.rollback)
                    if let failure = try record?.failure, try RunFailure(json: failure.json) != failure {
                        throw Finding("has a failure that, written, is another")
                    }
                } catch let error as BusError {
                    guard error.code == .unreadableRun else { throw Finding("is refused with \(error)") }
                }
            }
        }
    }
}
