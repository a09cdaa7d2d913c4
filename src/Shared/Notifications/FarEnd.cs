using Microsoft.Extensions.Logging;
using Pipeline.Runtime;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Pipeline.Notifications;

/// <summary>
/// A channel as the dispatcher uses it: short retries, a time limit an attempt, and one memory of how the far end fares,
/// so that a dead or busy one is left alone by all notifications together.
/// </summary>
internal sealed partial class FarEnd
{
    /// <summary>Attempts of one delivery; more follow with the message's next delivery.</summary>
    public const int AttemptsPerDelivery = 3;

    /// <summary>The longest wait inside a delivery. A far end that asks for more gets it, and others aren't kept waiting meanwhile.</summary>
    public static readonly TimeSpan LongestInlineWait = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(30);

    /// <summary>Failures in a minute, at least half of the attempts, after which the far end is left alone for <see cref="BreakDuration"/>.</summary>
    public const int FailuresToOpen = 5;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WaitForProbe = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SamplingDuration = TimeSpan.FromMinutes(1);

    private readonly ConfiguredChannel channel;
    private readonly SteadyTimeProvider steady;
    private readonly ILogger logger;
    private readonly ResiliencePipeline<DeliveryResult> delivery;
    private readonly ResiliencePipeline<DeliveryOutcome> attempt;
    private readonly CircuitBreakerStateProvider circuit = new();
    private long askedAtTicks;
    private long leaveAloneUntilTicks;
    private volatile string lastFailure = string.Empty;

    public FarEnd(ConfiguredChannel channel, TimeProvider timeProvider, ILogger logger)
    {
        this.channel = channel;
        this.logger = logger;

        // Polly's breaker goes by the wall clock: set back an hour, it would stay open for the hour.
        steady = new SteadyTimeProvider(timeProvider);
        delivery = new ResiliencePipelineBuilder<DeliveryResult> { TimeProvider = steady }.AddRetry(Retry()).Build();
        attempt = new ResiliencePipelineBuilder<DeliveryOutcome> { TimeProvider = steady }
            .AddCircuitBreaker(Breaker())
            .AddTimeout(channel.Timeout)
            .Build();
    }

    /// <param name="gate">Asked before every attempt.</param>
    /// <param name="reaching">Called before every attempt that isn't held back, after the gate; may withhold too.</param>
    /// <param name="cancellationToken">Ends waits between attempts. An attempt under way is finished: cut off, it might have to be sent twice.</param>
    /// <returns>The result, and the number of attempts that reached for the far end.</returns>
    public async Task<(DeliveryResult Result, int Attempts)> SendAsync(
        Notification notification,
        Func<CancellationToken, Task<PageDecision>> gate,
        Func<CancellationToken, Task<PageDecision>> reaching,
        CancellationToken cancellationToken)
    {
        var attempts = 0;
        var result = await delivery.ExecuteAsync(
            async token =>
            {
                if (await gate(token).ConfigureAwait(false) is PageDecision.Withhold withhold)
                {
                    return new DeliveryResult(DeliveryStatus.Withheld, withhold.Reason);
                }

                if (LeftAlone(notification) is { } heldBack)
                {
                    return heldBack;
                }

                return await reaching(token).ConfigureAwait(false) is PageDecision.Withhold late
                    ? new DeliveryResult(DeliveryStatus.Withheld, late.Reason)
                    : await TryOnceAsync(notification, () => attempts++).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return (result with { IsHeldBack = result.IsHeldBack && attempts == 0 }, attempts);
    }

    private DeliveryResult? LeftAlone(Notification notification)
    {
        var until = Interlocked.Read(ref leaveAloneUntilTicks);
        if (notification.Purpose == NotificationPurpose.Page)
        {
            until = Math.Min(until, Interlocked.Read(ref askedAtTicks) + DeliveryPlan.LongestWaitOfPage.Ticks);
        }

        var wait = TimeSpan.FromTicks(until - steady.GetUtcNow().UtcTicks);
        return wait > TimeSpan.Zero
            ? HeldBack($"channel '{channel.Name}' asked to be left alone for another {Seconds(wait)}", wait)
            : null;
    }

    private async Task<DeliveryResult> TryOnceAsync(Notification notification, Action reached)
    {
        try
        {
            var outcome = await attempt.ExecuteAsync(
                async token =>
                {
                    reached();
                    return await SendSafelyAsync(notification, token).ConfigureAwait(false);
                },
                CancellationToken.None).ConfigureAwait(false);
            return Read(outcome, notification);
        }
        catch (TimeoutRejectedException)
        {
            return Failed($"channel '{channel.Name}' gave no answer within {Seconds(channel.Timeout)}");
        }
        catch (BrokenCircuitException exception)
        {
            // Half open: another notification's attempt is under way and will soon show whether the far end is back, or has shown it meanwhile.
            var wait = circuit.CircuitState == CircuitState.Open ? exception.RetryAfter ?? BreakDuration : WaitForProbe;
            return HeldBack($"channel '{channel.Name}' failed repeatedly and is left alone for {Seconds(wait)}; the last failure: {lastFailure}", wait);
        }
    }

    private async Task<DeliveryOutcome> SendSafelyAsync(Notification notification, CancellationToken token)
    {
        try
        {
            return await channel.Channel.SendAsync(notification, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !token.IsCancellationRequested)
        {
            LogChannelFault(logger, channel.Name, exception);
            return new DeliveryOutcome.Retryable($"channel '{channel.Name}' failed with {exception.GetType().Name}");
        }
    }

    private DeliveryResult Read(DeliveryOutcome outcome, Notification notification)
    {
        switch (outcome)
        {
            case DeliveryOutcome.Sent sent:
                return new DeliveryResult(DeliveryStatus.Sent, sent.Detail);
            case DeliveryOutcome.Retryable retryable:
                return Failed(retryable.Reason, retryable.RetryAfter is { } wait ? LeaveAlone(wait, notification) : null);
            default:
                return new DeliveryResult(DeliveryStatus.Failed, ((DeliveryOutcome.Permanent)outcome).Reason);
        }
    }

    /// <returns>How long this notification waits.</returns>
    private TimeSpan LeaveAlone(TimeSpan asked, Notification notification)
    {
        var now = steady.GetUtcNow();
        var wait = asked < DeliveryPlan.LongestWait ? asked : DeliveryPlan.LongestWait;
        Interlocked.Exchange(ref askedAtTicks, now.UtcTicks);
        Interlocked.Exchange(ref leaveAloneUntilTicks, (now + wait).UtcTicks);
        return notification.Purpose == NotificationPurpose.Page && wait > DeliveryPlan.LongestWaitOfPage ? DeliveryPlan.LongestWaitOfPage : wait;
    }

    private static DeliveryResult HeldBack(string reason, TimeSpan wait) => new(DeliveryStatus.Retrying, reason, wait, IsHeldBack: true);

    private DeliveryResult Failed(string reason, TimeSpan? retryAfter = null)
    {
        lastFailure = reason;
        return new DeliveryResult(DeliveryStatus.Retrying, reason, retryAfter);
    }

    private static RetryStrategyOptions<DeliveryResult> Retry() => new()
    {
        MaxRetryAttempts = AttemptsPerDelivery - 1,
        Delay = FirstWait,
        MaxDelay = LongestInlineWait,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = static arguments => ValueTask.FromResult(
            arguments.Outcome.Result is { Status: DeliveryStatus.Retrying } result
            && (result.RetryAfter is null || result.RetryAfter <= LongestInlineWait)),
        DelayGenerator = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
    };

    private CircuitBreakerStrategyOptions<DeliveryOutcome> Breaker() => new()
    {
        FailureRatio = 0.5,
        MinimumThroughput = FailuresToOpen,
        SamplingDuration = SamplingDuration,
        BreakDuration = BreakDuration,
        StateProvider = circuit,

        // A far end that says when to come back is busy, not broken.
        ShouldHandle = static arguments => ValueTask.FromResult(
            arguments.Outcome.Exception is TimeoutRejectedException || arguments.Outcome.Result is DeliveryOutcome.Retryable { RetryAfter: null }),
        OnOpened = arguments =>
        {
            LogOpened(logger, channel.Name, arguments.BreakDuration.TotalSeconds);
            return ValueTask.CompletedTask;
        },
        OnClosed = _ =>
        {
            LogClosed(logger, channel.Name);
            return ValueTask.CompletedTask;
        },
    };

    private static string Seconds(TimeSpan span) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalSeconds)} s");

    [LoggerMessage(305, LogLevel.Error, "Channel {Channel} threw; the attempt counts as failed.")]
    private static partial void LogChannelFault(ILogger logger, string channel, Exception exception);

    [LoggerMessage(306, LogLevel.Warning, "Channel {Channel} failed repeatedly; it is left alone for {Seconds} s, then tried with one notification.")]
    private static partial void LogOpened(ILogger logger, string channel, double seconds);

    [LoggerMessage(307, LogLevel.Information, "Channel {Channel} works again.")]
    private static partial void LogClosed(ILogger logger, string channel);
}
