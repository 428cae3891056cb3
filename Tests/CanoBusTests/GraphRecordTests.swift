import Testing

@testable import CanoBus

@Suite("The graph of a workflow", .timeLimit(.minutes(5)))
struct GraphRecordTests {
    private let graph = GraphRecord(
        start: "ask",
        states: [
            .init("ask", .wait, task: "ask"), .init("charge", .remote, task: "charge-\"card\"", isUndoable: true),
            .init("pick", .split, branches: 3), .init("notify", .split), .init("done", .exit),
        ], edges: [.init(from: "ask", to: "charge"), .init(from: "charge", to: "pick")])

    @Test("is read as it was written, and leaves out what it has not")
    func json() throws {
        #expect(try GraphRecord(json: graph.json, of: "w@1") == graph)
        #expect(
            graph.json.hasPrefix(
                #"{"start":"ask","states":[{"label":"ask","kind":"wait","task":"ask"},"#
                    + #"{"label":"charge","kind":"remote","task":"charge-\"card\"","undoable":true},{"label":"pick","kind":"split","branches":3},"#
            ))
        #expect(graph.json.hasSuffix(#"],"edges":[{"from":"ask","to":"charge"},{"from":"charge","to":"pick"}]}"#))
    }

    @Test("of a later release is read as far as it is known")
    func later() throws {
        let json = #"{"start":"a","states":[{"label":"a","kind":"dance","more":1}],"edges":[],"more":{}}"#
        #expect(try GraphRecord(json: json, of: "w@1").states == [.init("a", nil)])
    }

    @Test(
        "that is damaged says what to do",
        arguments: [
            "", "[]", #"{"start":"a","states":[],"edges":{}}"#, #"{"start":"a","states":[1],"edges":[]}"#,
            #"{"start":"a","states":[{"label":"a"}],"edges":[]}"#, #"{"states":[],"edges":[]}"#,
        ])
    func damaged(json: String) {
        let error = #expect(throws: BusError.self) { try GraphRecord(json: json, of: "w@1") }
        #expect(error?.code == .unreadableGraph && error?.message.contains("restart a bridge") == true)
    }
}
