import CanoCore
import Foundation
import Testing

/// What Tests/Cron cannot ask croniter: fields with years, errors, the rule for changed clocks in words.
@Suite(.timeLimit(.minutes(5))) struct CronExpressionTests {
    static func moment(_ text: String) throws -> Int64 {
        Int64(try Date.ISO8601FormatStyle().parse(text).timeIntervalSince1970) * 1000
    }

    /// The first due times after a moment, as ISO 8601 in UTC.
    static func due(_ text: String, after start: String, in zone: String = "UTC", _ count: Int) throws -> [String] {
        let expression = try CronExpression(text)
        let zone = try ScheduleTimeZone(zone)
        var moment = try moment(start)
        var due: [String] = []
        while due.count < count, let next = expression.next(after: moment, in: zone) {
            due.append(Date(timeIntervalSince1970: Double(next) / 1000).formatted(.iso8601))
            moment = next
        }
        return due
    }

    @Test(
        "shorthands say the obvious",
        arguments: [
            ("@hourly", "2024-02-29T13:00:00Z"), ("@daily", "2024-03-01T00:00:00Z"), ("@midnight", "2024-03-01T00:00:00Z"),
            ("@weekly", "2024-03-03T00:00:00Z"), ("@monthly", "2024-03-01T00:00:00Z"), ("@yearly", "2025-01-01T00:00:00Z"),
            ("@ANNUALLY", "2025-01-01T00:00:00Z"),
        ])
    func shorthands(text: String, due: String) throws {
        #expect(try Self.due(text, after: "2024-02-29T12:30:00Z", 1) == [due])
    }

    @Test("six fields have the second in front, seven also the year at the end")
    func moreFields() throws {
        #expect(try Self.due("15 30 2 * * *", after: "2024-05-05T00:00:00Z", 1) == ["2024-05-05T02:30:15Z"])
        #expect(
            try Self.due("0 0 12 29 2 ? 2023-2029", after: "2024-05-05T00:00:00Z", 3) == ["2028-02-29T12:00:00Z"])
        #expect(
            try Self.due("0 0 0 1 1 * 2030,2040/50", after: "2024-05-05T00:00:00Z", 9).map { $0.prefix(4) } == ["2030", "2040", "2090"])
    }

    @Test("Sunday is 0 and 7, and ends a range that begins later in the week")
    func sunday() throws {
        for text in ["0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * SUN-sun", "0 0 * * 7/3,0"] {
            #expect(
                try Self.due(text, after: "2024-05-05T00:00:00Z", 1).first
                    == (text.contains("/") ? "2024-05-08T00:00:00Z" : "2024-05-12T00:00:00Z"))
        }
        #expect(
            try Self.due("0 0 * * fri-sun", after: "2024-05-02T00:00:00Z", 4).map { $0.prefix(10) } == [
                "2024-05-03", "2024-05-04", "2024-05-05", "2024-05-10",
            ])
    }

    @Test("a step from a number goes on to the end of the field, and Saturday ends the week")
    func stepFromNumber() throws {
        #expect(
            try Self.due("0 0 * * 1/2", after: "2024-05-05T00:00:00Z", 4).map { $0.prefix(10) } == [
                "2024-05-06", "2024-05-08", "2024-05-10", "2024-05-13",
            ])
        #expect(try Self.due("40/15 0 * * *", after: "2024-05-05T00:00:00Z", 2) == ["2024-05-05T00:40:00Z", "2024-05-05T00:55:00Z"])
    }

    @Test("of two restricted fields of days one has to fit, else both")
    func days() throws {
        #expect(
            try Self.due("0 0 13 * fri", after: "2024-09-01T00:00:00Z", 3).map { $0.prefix(10) } == [
                "2024-09-06", "2024-09-13", "2024-09-20",
            ])
        #expect(try Self.due("0 0 */10 * fri", after: "2024-09-01T00:00:00Z", 2).map { $0.prefix(10) } == ["2024-10-11", "2024-11-01"])
    }

    @Test("a time the change skips is due at the change, once, and of a time that comes twice it is the first")
    func changedClocks() throws {
        #expect(
            try Self.due("30 2 * * *", after: "2024-03-30T12:00:00Z", in: "Europe/Berlin", 2) == [
                "2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z",
            ])
        #expect(
            try Self.due("*/15 2 * * *", after: "2024-03-30T12:00:00Z", in: "Europe/Berlin", 2) == [
                "2024-03-31T01:00:00Z", "2024-04-01T00:00:00Z",
            ])
        #expect(
            try Self.due("0 2,3 * * *", after: "2024-03-30T12:00:00Z", in: "Europe/Berlin", 2) == [
                "2024-03-31T01:00:00Z", "2024-04-01T00:00:00Z",
            ])
        #expect(
            try Self.due("30 2 * * *", after: "2024-10-26T12:00:00Z", in: "Europe/Berlin", 2) == [
                "2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z",
            ])
    }

    @Test("what is due every hour goes by the hours that pass")
    func everyHour() throws {
        #expect(
            try Self.due("30 * * * *", after: "2024-03-31T00:00:00Z", in: "Europe/Berlin", 2) == [
                "2024-03-31T00:30:00Z", "2024-03-31T01:30:00Z",
            ])
        #expect(
            try Self.due("30 * * * *", after: "2024-10-26T23:50:00Z", in: "Europe/Berlin", 3) == [
                "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z", "2024-10-27T02:30:00Z",
            ])
    }

    @Test("midnight that doesn't exist is the first moment of its day, and a day that doesn't exist its change")
    func skippedMidnight() throws {
        #expect(try Self.due("@daily", after: "2018-11-03T12:00:00Z", in: "America/Sao_Paulo", 1) == ["2018-11-04T03:00:00Z"])
        #expect(
            try Self.due("0 12 * * *", after: "2011-12-29T23:00:00Z", in: "Pacific/Apia", 2) == [
                "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z",
            ])
    }

    @Test(
        "an error says which field is wrong and what to write instead",
        arguments: [
            ("60 * * * *", "minute: 60 is out of range; write a number from 0 to 59"),
            ("* 24 * * *", "hour: 24 is out of range; write a number from 0 to 23"),
            ("* * 0 * *", "day of month: 0 is out of range; write a number from 1 to 31"),
            ("* * * foo *", "month: \"foo\" is not understood; write a number from 1 to 12, or jan to dec"),
            ("* * * * mon-xyz", "day of week: \"xyz\" is not understood; write a number from 0 to 7, or sun to sat"),
            ("* * L * *", "day of month: \"L\" is not understood: L, W and # are not; write the days as numbers"),
            ("* * * * fri#2", "day of week: \"fri#2\" is not understood: L, W and # are not; write the days as numbers, or sun to sat"),
            ("*/0 * * * *", "minute: the step \"0\" is not a whole number from 1 on; write */5, for example"),
            ("50-10 * * * *", "minute: the range 50-10 goes backwards; write 50-59,0-10"),
            ("* * * * fri-mon", "day of week: the range fri-mon goes backwards; write fri-sat,0-mon"),
            ("1,,2 * * * *", "minute: a part between commas is empty; leave the comma out"),
            ("? * * * *", "minute: ? stands only for a day; write *"),
            ("+5 * * * *", "minute: \"+5\" is not understood; write a number from 0 to 59"),
            ("99999999999999999999 * * * *", "minute: \"99999999999999999999\" is not understood; write a number from 0 to 59"),
            ("0 0 0 1 1 * 1969", "year: 1969 is out of range; write a number from 1970 to 2099"),
            ("0 0 30 2 *", "day of month: the months it names have no day 30; write a day up to 29"),
            (
                "* * *",
                "it has 3 fields; write five (minute, hour, day of month, month, day of week), six with the second in front, "
                    + "or seven with the year at the end"
            ),
            (
                "@reboot",
                "@reboot is not known; write one of @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly, or five to seven fields"
            ),
            ("", "it has 0 fields; write five"),
        ])
    func errors(text: String, problem: String) throws {
        let error = try #require(throws: CanoError.self) { try CronExpression(text) }
        #expect(error.category == .configuration && error.code == "invalid_cron")
        #expect(error.message.hasPrefix("the cron expression \"\(text)\" cannot be read: \(problem)"), "\(error.message)")
    }

    @Test("what a range error suggests can be read")
    func suggestions() {
        #expect(throws: Never.self) { try CronExpression("50-59,0-10 * * * *") }
        #expect(throws: Never.self) { try CronExpression("* * * * fri-sat,0-mon") }
    }

    @Test("a very long expression is refused before it is looked at")
    func long() {
        #expect(throws: CanoError.self) { try CronExpression(String(repeating: "1,", count: 1_000_000) + "1 * * * *") }
    }

    @Test("an unknown time zone is an error, never UTC", arguments: ["Mars/Base", "", "CET", "GMT+2", "utc", "Europe/", "../UTC"])
    func unknownZone(name: String) throws {
        let error = try #require(throws: CanoError.self) { try ScheduleTimeZone(name) }
        #expect(error.code == "unknown_time_zone")
    }

    @Test("a day that none of the years has is refused, and one that some of them has is not")
    func noSuchYear() throws {
        for text in ["0 0 0 29 2 * 2023", "0 0 0 29 2 * 2021-2023,2025", "0 0 0 29 2 * 2100/1", "0 0 0 29 feb ? 2097-2099"] {
            let error = caught { try CronExpression(text) }
            #expect(error?.code == "invalid_cron", "\(text)")
        }
        let error = caught { try CronExpression("0 0 0 29 2 * 2023") }
        #expect(error?.message.contains("year") == true)
        for text in ["0 0 0 29 2 * 2023-2024", "0 0 0 29 2 * 1972", "0 0 0 1 1 * 1970", "0 0 0 29 2 1 *"] { _ = try CronExpression(text) }
    }
}
