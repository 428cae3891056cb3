import CanoBus
import CanoClient
import CanoRedis
import Testing

@testable import CanoAdmin

@Suite("A query or a form", .timeLimit(.minutes(5)))
struct FormFieldTests {
    @Test("is read with blanks as plus signs and characters percent-encoded")
    func decoding() throws {
        let fields = FormFields("id=a%2Fb%3D+c&empty=&flag&name=first&name=last&%C3%A4=%E2%82%AC&bad=%zz")
        #expect(fields["id"] == "a/b= c")
        #expect(fields["empty"] == nil && fields["flag"] == nil && fields["none"] == nil)
        #expect(fields["name"] == "last")
        #expect(fields["ä"] == "€")
        #expect(fields["bad"] == "%zz")
        #expect(try fields.required("id") == "a/b= c")
        #expect(throws: RequestProblem(400, "The request needs the field \"empty\".")) { try fields.required("empty") }
    }

    @Test("has nothing in it that was not asked for, and nothing without a value, where a program sends it")
    func unread() throws {
        let fields = FormFields("all=yes&where=customer%3D1&status=failed")
        #expect(fields["all"] == "yes" && fields["status"] == "failed" && fields.all("run").isEmpty)
        #expect(
            throws: RequestProblem(400, "\"where\" is no field here, so nothing was done: there are all, run, status.")
        ) { try fields.requireAllRead() }
        #expect(fields["where"] != nil)
        try fields.requireAllRead()
        let empty = FormFields("workflow=")
        #expect(empty["workflow"] == nil)
        #expect(throws: RequestProblem(400, "\"workflow\" has no value, so nothing was done: give one, or leave it out.")) {
            try empty.requireAllRead()
        }
    }

    @Test("has moments with and without fractions", arguments: ["2026-11-24T04:50:28Z", "2026-11-24T04:50:28.000Z"])
    func moments(text: String) throws {
        #expect(try FormFields("until=\(text)").moment("until") == 1_795_495_828_000)
        #expect(try FormFields("").moment("until") == nil)
        #expect(throws: RequestProblem.self) { try FormFields("until=yesterday").moment("until") }
    }

    @Test("reads what it writes", arguments: ["a b", "x&y=z", "ä€😀", "100%", "a+b", "\"<>'", "run//leg/1:2@3"])
    func roundTrip(text: String) {
        #expect(FormFields(FormFields.encoded([("name", text), ("other", nil)]))["name"] == text)
        #expect(FormFields.encoded([("name", text)]).utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") })
    }

    @Test("has numbers within their bounds", arguments: [("7", 7), ("1", 1), ("10", 10)] as [(String, Int64)])
    func numbers(text: String, number: Int64) throws {
        #expect(try FormFields("n=\(text)").number("n", in: 1...10) == number)
        #expect(try FormFields("").number("n", in: 1...10) == nil)
    }

    @Test("refuses other numbers and says which there are", arguments: ["0", "11", "x", "1e1", "-1", "99999999999999999999"])
    func wrongNumbers(text: String) {
        let problem = #expect(throws: RequestProblem.self) { try FormFields("n=\(text)").number("n", in: 1...10) }
        #expect(problem?.status == 400 && problem?.message.contains("from 1 to 10") == true)
    }
}

@Suite("A request that changes something", .timeLimit(.minutes(5)))
struct OriginCheckTests {
    @Test(
        "is foreign where a browser says that another site's page sends it",
        arguments: [
            ("same-origin", nil, "a:1", false), ("cross-site", nil, "a:1", true), ("same-site", nil, "a:1", true),
            ("none", nil, "a:1", true),
            ("cross-site", "http://a:1", "a:1", true), (nil, "http://a:1", "a:1", false), (nil, "http://A:1", "a:1", false),
            (nil, "http://a:2", "a:1", true), (nil, "http://a", "a:1", true), (nil, "null", "a:1", true), (nil, "http://a:1", nil, true),
            (nil, nil, "a:1", false), (nil, "https://a:1", "a:1", false),
        ] as [(String?, String?, String?, Bool)])
    func origins(site: String?, origin: String?, host: String?, isForeign: Bool) {
        #expect(OriginCheck.isForeign(site: site, origin: origin, host: host) == isForeign)
    }

    @Test(
        "is answered without a token only under an address or the machine's own name",
        arguments: [
            ("127.0.0.1:9464", true), ("127.0.0.1", true), ("localhost:1", true), ("LOCALHOST", true), ("[::1]:9464", true),
            ("[::1]", true),
            ("10.0.0.7:80", true), ("evil.example:9464", false), ("evil.example", false), ("", false), ("127.0.0.1.evil.example", false),
            ("1.2.3", false), ("1.2.3.999", false), ("1.2.3.x", false), ("[", false), ("localhost.evil.example", false),
        ])
    func hosts(host: String, isAddress: Bool) {
        #expect(OriginCheck.isAddress(host: host) == isAddress)
    }
}

@Suite("A session", .timeLimit(.minutes(5)))
struct SessionBoardTests {
    @Test("holds for its time, or until it is ended")
    func lifetime() {
        let (board, now) = (SessionBoard(), ContinuousClock.now)
        let (first, second) = (board.begin(at: now), board.begin(at: now))
        #expect(first != second && first.count > 20)
        #expect(board.holds(first, at: now + .seconds(1)) && board.holds(second, at: now))
        #expect(!board.holds("", at: now) && !board.holds(first + "x", at: now))
        board.end(first)
        #expect(!board.holds(first, at: now) && board.holds(second, at: now))
        #expect(!board.holds(second, at: now + SessionBoard.lifetime))
    }

    @Test("gives way to newer ones beyond a thousand")
    func bound() {
        let (board, now) = (SessionBoard(), ContinuousClock.now)
        let first = board.begin(at: now)
        let later = (0..<1_000).map { _ in board.begin(at: now) }
        #expect(!board.holds(first, at: now) && later.allSatisfy { board.holds($0, at: now) })
    }
}

@Suite("What went wrong", .timeLimit(.minutes(5)))
struct RequestProblemTests {
    @Test("says by its status whose fault it is")
    func statuses() {
        #expect(RequestProblem(BusError(.invalidName, "a")) == RequestProblem(400, "a"))
        #expect(RequestProblem(BusError(.unreadableRun, "b")) == RequestProblem(500, "b"))
        #expect(RequestProblem(RequestProblem(404, "c")) == RequestProblem(404, "c"))
        #expect(RequestProblem(CancellationError()).status == 500)
        #expect(RequestProblem(404, "a \"quoted\" word").json == #"{"error":"a \"quoted\" word"}"#)
    }
}
