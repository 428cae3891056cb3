import CanoPrimitives
import Foundation
import Testing

@testable import CanoBus

@Suite("A rejection", .timeLimit(.minutes(5)))
struct CommandRejectedTests {
    private func command(_ fields: [(name: [UInt8], value: [UInt8])]) throws -> JSONObject {
        let rejection = Rejection(.invalidField, "m", of: Rejection.Addressee())
        return try JSONObject(CommandRejected(rejection, entry: "1-1", fields: fields).command)
    }

    @Test("repeats a value up to 1 KiB")
    func cut() throws {
        let limit = BusLimits.rejectedValueBytes
        let whole = String(repeating: "x", count: limit)
        let command = try command([(Array("a".utf8), Array(whole.utf8)), (Array("b".utf8), Array((whole + "y").utf8))])
        #expect(try command.value("a", String.self) == whole)
        #expect(try command.value("b", String.self) == whole)
    }

    @Test("leaves out a character that the cut would split", arguments: ["é", "€", "😀"])
    func cutCharacter(_ character: String) throws {
        for length in BusLimits.rejectedValueBytes - 4...BusLimits.rejectedValueBytes {
            let value = String(repeating: "x", count: length) + character + "tail"
            let kept = try command([(Array("a".utf8), Array(value.utf8))]).value("a", String.self)
            #expect(value.hasPrefix(kept) && kept.utf8.count <= BusLimits.rejectedValueBytes)
            #expect(kept.utf8.count > BusLimits.rejectedValueBytes - character.utf8.count)
        }
    }

    @Test("repeats a value that is no text as base64 of its first 1 KiB")
    func bytes() throws {
        let value = [0xFF] + [UInt8](repeating: 7, count: 2_000)
        let kept = try JSONObject(command([(Array("a".utf8), value)]).json("a"))
        let base64 = try kept.value("base64", String.self)
        #expect(Data(base64Encoded: base64) == Data(value.prefix(BusLimits.rejectedValueBytes)))
    }

    @Test("repeats the first 64 fields, and a name that is no text as well as it can")
    func fields() throws {
        let many = (0..<70).map { (name: Array("f\($0)".utf8), value: Array("v".utf8)) }
        #expect(try command(many).members.map(\.name) == (0..<64).map { "f\($0)" })
        #expect(try command([([0x61, 0xFF], [0x62])]).members.map(\.name) == ["a\u{FFFD}"])
    }

    @Test("repeats the last of several fields of one name, since strict readers take no object in which a name stands twice")
    func sameNames() throws {
        let fields = [("a", "1"), ("b", "2"), ("a", "3"), ("e\u{301}", "4"), ("é", "5")].map {
            (name: Array($0.0.utf8), value: Array($0.1.utf8))
        }
        #expect(try command(fields).members.map { Array($0.name.utf8) } == ["b", "a", "e\u{301}", "é"].map { Array($0.utf8) })
        #expect(try command(fields).value("a", String.self) == "3")
    }

    @Test("is addressed to what of the command is valid")
    func addressee() {
        func addressee(_ fields: [(String, String)]) -> Rejection.Addressee? {
            #expect(throws: Rejection.self) { try CommandParser.parse(fields) }?.addressee
        }
        #expect(
            addressee([("type", "start"), ("workflow", "no name"), ("id", "r"), ("reply_to", "me")])
                == Rejection.Addressee(run: "r", replyName: "me"))
        #expect(
            addressee([("type", "start"), ("workflow", "w"), ("id", "no id"), ("reply_to", "no name")])
                == Rejection.Addressee(workflow: "w"))
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(addressee([("type", "stop"), ("id", "r"), ("traceparent", parent)]) == Rejection.Addressee(run: "r", traceparent: parent))
        #expect(addressee([("type", "unschedule"), ("id", "r"), ("reply_to", "me")]) == Rejection.Addressee(replyName: "me"))
        // The subject of a CloudEvent is a run only where the command is about one, and a workflow only where it names one.
        #expect(
            addressee([("specversion", "1.0"), ("type", "cano.run.stop"), ("subject", "s"), ("replyto", "me")])
                == Rejection.Addressee(run: "s", replyName: "me"))
        #expect(
            addressee([("specversion", "1.0"), ("type", "cano.run.start"), ("subject", "w"), ("id", "e"), ("expiresat", "x")])
                == Rejection.Addressee(run: "e", workflow: "w"))
        #expect(
            addressee([("specversion", "1.0"), ("type", "cano.run.schedule"), ("subject", "w"), ("name", "s")])
                == Rejection.Addressee(workflow: "w"))
    }

    @Test("yields to a known run where it is about more than the fields, and of a start says so")
    func yielding() throws {
        let start = StartCommand("w", run: "poll@5", input: "1", replyName: "me")
        #expect(start.refused(.unknownWorkflow, "m").yieldsToKnownRun && start.refused(.unknownWorkflow, "m").isStart)
        #expect(start.expired(at: 5).code == .expired && start.expired(at: 5).addressee == start.addressee)
        #expect(start.reservingSchedule == "poll" && !start.reserved(for: "poll").yieldsToKnownRun)
        #expect(StartCommand("w", run: "poll@5", schedule: "poll").reservingSchedule == nil)
        #expect(StartCommand("w", run: "a:b@5").reservingSchedule == nil)
        #expect(CancelCommand(run: "r").unknownRun.yieldsToKnownRun && !CancelCommand(run: "r").unknownRun.isStart)
        #expect(!ResumeCommand(run: "r").unknownRun.yieldsToKnownRun)
        #expect(UnscheduleCommand("s", replyName: "me").unknown.addressee == Rejection.Addressee(replyName: "me"))
    }
}
