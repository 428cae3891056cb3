import CanoCore
import CanoRedisStores
import Testing

@Suite("A row of a run's log", .timeLimit(.minutes(5)))
struct RowCodecTests {
    private let full = CheckpointRow(
        sequence: 7, state: "ré\"serve/a\\b\n", task: "t", visit: 3, next: "charge", payload: [0, 255, 10], replaces: 6, version: "2",
        writer: -5)

    @Test("reads back as it was written", arguments: RowKind.allCases)
    func roundTrip(kind: RowKind) throws {
        var row = full
        row.kind = kind
        #expect(try RowCodec.decode(Array(RowCodec.encode(row).utf8), of: "r") == row)
        let plain = CheckpointRow(sequence: 0, state: "a")
        #expect(try RowCodec.decode(Array(RowCodec.encode(plain).utf8), of: "r") == plain)
    }

    @Test("has this form")
    func form() {
        #expect(
            RowCodec.encode(full)
                == #"{"sequence":7,"kind":"state_entry","state":"ré\"serve/a\\b\n","task":"t","visit":3,"version":"2","next":"charge","replaces":6,"payload":"AP8K","writer":-5}"#
        )
    }

    @Test(
        "is refused when it is of another form, or of a later release",
        arguments: ["", "{}", "[1]", #"{"sequence":1,"kind":"telepathy","state":"a","task":"","visit":1,"version":"1"}"#])
    func refused(text: String) {
        #expect(throws: CanoError.self) { try RowCodec.decode(Array(text.utf8), of: "r") }
    }
}
