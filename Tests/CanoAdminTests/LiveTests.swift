import Testing

@testable import CanoAdmin

@Suite("A page that is followed", .timeLimit(.minutes(5)))
struct LiveTests {
    @Test("is sent when it has changed, and a sign of life when it has not for long")
    func changes() {
        var live = LivePage()
        #expect(live.send(.success("<p>1</p>\n<p>2</p>")) == "event: page\ndata: <p>1</p>\ndata: <p>2</p>\n\n")
        for _ in 1..<7 { #expect(live.send(.success("<p>1</p>\n<p>2</p>")) == nil) }
        #expect(live.send(.success("<p>1</p>\n<p>2</p>")) == ServerSentEvent.heartbeat)
        #expect(live.send(.success("<p>1</p>\n<p>2</p>")) == nil)
        #expect(live.send(.success("<p>3</p>")) == "event: page\ndata: <p>3</p>\n\n")
        #expect(live.send(.failure(RequestProblem(503, "Redis is away"))) == "event: problem\ndata: Redis is away\n\n")
        #expect(live.send(.failure(RequestProblem(503, "Redis is away"))) == nil)
        #expect(live.send(.success("<p>3</p>")) == "event: page\ndata: <p>3</p>\n\n", "it is there again")
    }

    @Test("never lets what it shows end a line of the stream", arguments: ["a\r\nevent: x", "a\revent: x", "a\nevent: x"])
    func lines(data: String) {
        #expect(ServerSentEvent(name: "page", data: data).text == "event: page\ndata: a\ndata: event: x\n\n")
    }

    @Test("has fifty readers at most")
    func readers() {
        let readers = LiveReaders()
        for _ in 0..<50 { #expect(readers.enter()) }
        #expect(!readers.enter())
        readers.leave()
        #expect(readers.enter() && !readers.enter())
    }
}

@Suite("Rates", .timeLimit(.minutes(5)))
struct RateMeterTests {
    private let start = ContinuousClock.now

    private func sample(_ seconds: Int, _ events: Int, _ starts: Int) -> RateMeter.Sample {
        RateMeter.Sample(moment: start + .seconds(seconds), events: events, starts: starts)
    }

    @Test("are known from the second sample on, over the last half minute")
    func window() {
        var meter = RateMeter()
        #expect(meter.rates == nil)
        meter.add(sample(0, 1_000, 10))
        #expect(meter.rates == nil)
        meter.add(sample(5, 1_500, 20))
        #expect(meter.rates == RateMeter.Rates(events: 100, starts: 2))
        for step in 2...20 { meter.add(sample(step * 5, 1_500, 20)) }
        #expect(meter.rates == RateMeter.Rates(events: 0, starts: 0), "what is longer ago counts no more")
    }

    @Test("begin anew where a stream was made again")
    func reset() {
        var meter = RateMeter()
        meter.add(sample(0, 1_000, 10))
        meter.add(sample(5, 3, 1))
        #expect(meter.rates == nil)
        meter.add(sample(10, 53, 1))
        #expect(meter.rates == RateMeter.Rates(events: 10, starts: 0))
    }
}
