import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The inbox of a run", .timeLimit(.minutes(5)))
struct InboxTests {
    private func inbox(_ fields: KeyValuePairs<String, String>) -> Inbox {
        Inbox(fields.map { (Array($0.key.utf8), Array($0.value.utf8)) })
    }

    @Test("has its signals in the order in which they were sent, of both streams, by number")
    func order() {
        let ids = ["control/999-20", "commands/1000-2", "control/1000-2", "control/1000-10", "commands/10000-0"]
        let signals = ids.map { InboxSignal(id: $0, name: "n", data: Array("1".utf8)) }
        let fields = ids.reversed().map { (Array($0.utf8), Array(#"{"name":"n","data":1}"#.utf8)) }
        #expect(Inbox(fields).signals == signals)
    }

    @Test("keeps data byte for byte", arguments: ["null", #"{ "a" : [1.0, "\u00e9\/"] }"#, "1e2", #""\",\"data\":2""#])
    func data(json: String) {
        let command = SignalCommand("x.1-Z_", run: "a", data: json, messageID: "m/:@1", keep: 5, replyName: "me")
        let read = inbox(["control/5-0": InboxSignal.json(of: command)])
        #expect(read.signals == [InboxSignal(id: "control/5-0", name: "x.1-Z_", data: Array(json.utf8))])
    }

    @Test("leaves out messages that are only remembered, and what is no signal")
    func leftOut() {
        let read = inbox([
            "=m": "control/5-0", "=": "x", "control/5-0": #"{"name":"n","data":1}"#, "control/6": "{]",
            "nonsense": #"{"name":"n","data":1}"#,
            "control/7-0": #"{"name":1,"data":1}"#, "control/8-0": #"{"name":"n"}"#, "a/b/9-0": #"{"name":"n","data":1}"#,
        ])
        #expect(read.signals.map(\.id) == ["control/5-0"])
        #expect(Inbox() == Inbox([] as [(field: RESPBytes, value: RESPBytes)]))
    }
}
