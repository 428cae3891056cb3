import Testing

@testable import CanoRedis

@Suite("The life of a connection", .timeLimit(.minutes(5)))
struct ConnectionLifecycleTests {
    @Test("of a shared connection begins when it is started")
    func start() {
        var life = ConnectionLifecycle(.shared)
        #expect(life.commandsWait() == .nothing)
        #expect(life.start() == .connect(generation: 1))
        #expect(life.start() == .nothing)
        life.handshakeCompleted()
        #expect(life.isReady)
    }

    @Test("goes on after each loss, with a longer pause each time, from the first again after a success")
    func losses() {
        var life = ConnectionLifecycle(.shared)
        _ = life.start()
        #expect(life.connectionLost(isWanted: false) == .pause(failures: 1))
        #expect(life.pauseEnded(isWanted: false) == .connect(generation: 3))
        #expect(life.connectionLost(isWanted: false) == .pause(failures: 2))
        _ = life.pauseEnded(isWanted: false)
        life.handshakeCompleted()
        #expect(life.connectionLost(isWanted: false) == .pause(failures: 1))
    }

    @Test("waits before it goes back to a server that works and takes no writes, longer each time it meets one without a success between")
    func unfit() {
        var life = ConnectionLifecycle(.shared)
        _ = life.start()
        life.handshakeCompleted()
        #expect(life.connectionLost(isWanted: true, pace: .unfit) == .pause(failures: 4))
        _ = life.pauseEnded(isWanted: true)
        #expect(life.connectionLost(isWanted: true) == .pause(failures: 5))
        _ = life.pauseEnded(isWanted: true)
        life.handshakeCompleted()
        #expect(life.connectionLost(isWanted: true) == .pause(failures: 1))
    }

    @Test("goes where another server is named without a pause, and pauses briefly however often it asks again")
    func paces() {
        var life = ConnectionLifecycle(.shared)
        _ = life.start()
        #expect(life.connectionLost(isWanted: true, pace: .atOnce) == .connect(generation: 3))
        for failures in [1, 2, 3, 4, 4, 4] {
            #expect(life.connectionLost(isWanted: true, pace: .brief) == .pause(failures: failures))
            _ = life.pauseEnded(isWanted: true)
        }
        #expect(life.connectionLost(isWanted: true) == .pause(failures: 5))
    }

    @Test("of a dedicated connection goes nowhere without a command")
    func unwanted() {
        var life = ConnectionLifecycle(.dedicated)
        _ = life.commandsWait()
        life.handshakeCompleted()
        #expect(life.connectionLost(isWanted: false, pace: .atOnce) == .nothing)
        #expect(life.state == .idle)
    }

    @Test("does not listen to a channel of the past")
    func generations() {
        var life = ConnectionLifecycle(.shared)
        _ = life.start()
        let old = life.generation
        _ = life.connectionLost(isWanted: true)
        #expect(life.generation != old)
        #expect(life.connectionLost(isWanted: true) == .nothing)
    }

    @Test("of a dedicated connection begins with a command and ends with the last")
    func dedicated() {
        var life = ConnectionLifecycle(.dedicated)
        #expect(life.commandsWait() == .connect(generation: 1))
        #expect(life.commandsWait() == .nothing)
        life.handshakeCompleted()
        #expect(life.connectionLost(isWanted: false) == .nothing)
        #expect(life.state == .idle)
        #expect(life.commandsWait() == .connect(generation: 3))
        #expect(life.connectionLost(isWanted: true) == .pause(failures: 2))
        #expect(life.pauseEnded(isWanted: false) == .nothing)
        #expect(life.state == .idle)
    }

    @Test("has no pause after a read was taken back")
    func takenBack() {
        var life = ConnectionLifecycle(.dedicated)
        _ = life.commandsWait()
        life.handshakeCompleted()
        #expect(life.connectionTakenBack(isWanted: true) == .connect(generation: 3))
    }

    @Test("is over once closed")
    func closed() {
        var life = ConnectionLifecycle(.shared)
        _ = life.start()
        life.close()
        #expect(life.start() == .nothing)
        #expect(life.connectionLost(isWanted: true) == .nothing)
        #expect(life.pauseEnded(isWanted: true) == .nothing)
        life.handshakeCompleted()
        #expect(life.state == .closed)
    }
}
