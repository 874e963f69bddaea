/** The meaning of each log event for an operator. Every event of the code has a row here, and no row is unused. */
export const LOG_EVENT_TEXTS = {
  'access.damaged':
    'Records that access depends on cannot be read. Everything that they name is closed until they are repaired: `talanoa doctor` explains what to do.',
  'access.repaired': 'Every record that access depends on can be read again.',
  'account.no_key':
    'The environment variable with the API key of an account is not set. The account has no key.',
  'account.no_password':
    'The environment variable with the password of an account is not set. The account has no password.',
  'account.replaced':
    'The settings file declares an account for a different member. It is a new account; earlier keys and passwords of the name no longer work.',
  'account.weak_password':
    'The password that the settings file gives an account is easy to guess. Replace it.',
  'alarm.not_sent': 'An alarm about a feed could not be delivered to one of its receivers.',
  'email_link.failed': 'The page behind a link in an email failed. The visitor saw an error.',
  'answer.not_reminded': 'The reminder of an overdue answer was not sent to a member. It is sent later.',
  'answer.overdue': 'A member has not answered a request for acknowledgement before its deadline.',
  'anonymous.release_failed': 'Anonymous objects were not released because of a fault. The hub tries again.',
  'anonymous.not_released': 'A collection no longer accepts an anonymous object. Its member sees the reason.',
  'api.failed':
    'A request to the API failed with a fault of the hub (status 5xx). The response has the same error id.',
  'api.refused': 'A request to the API was refused (status 4xx).',
  'audit.head':
    'The number and hash of the last audit log entry, once an hour. Kept elsewhere, it proves that no earlier entry was changed.',
  'audit.not_indexed':
    'Entries of earlier versions were not added to the index of the audit log. The hub tries again.',
  'audit.not_numbered': 'Audit log entries wait for their numbers because the store does not answer.',
  'audit.not_written': 'An audit log entry about a refusal or a sign-in was not stored.',
  'audit.trimmed':
    'Audit log entries older than `limits.audit_days` were removed. The hash is that of the last of them.',
  'channel.failing':
    'A channel has failed for a day. The hub keeps trying. Its member and hub staff can see the failure.',
  'channel.closed':
    'The receiver of a channel refuses the hub (such as 401, 403, 410, or a mailbox that does not exist). The hub sends nothing until the channel is resumed.',
  'channel.dead_letter': 'The receiver refused one object. The channel continues with the next one.',
  'channel.failed': 'A channel stopped because of a fault of the hub. The hub tries again.',
  'channel.delayed': 'The receiver of a channel did not accept a delivery. It is repeated at `next_try`.',
  'channel.recovered': 'A channel that had failed delivers again.',
  'channels.failed': 'No channel was processed in this round because of a fault of the hub or its store.',
  'collection.deleted':
    'The objects of a deleted collection were removed. A minute later, the hub checks it once more.',
  'collection.lowered': 'The maximum TLP of a collection was lowered. Stricter objects were removed from it.',
  'connections.ended':
    'Connections were ended in the last minute because they were slow, silent or too many.',
  'console.refused': 'A form or page of the console was refused.',
  'email.dropped': 'An email was not sent because too many were waiting.',
  'email.not_sent': 'An email was not sent. The address is not logged.',
  'envelope.failed': 'An envelope could not be processed. The hub tries again.',
  'envelope.finished': 'An envelope that was pending has its outcome.',
  'envelope.lost':
    'A stored envelope can no longer be opened, for example with another master key. It was given up.',
  'envelope.not_durable': 'An envelope could not be stored as pending. Its submitter received an error.',
  'envelope.delayed':
    'An envelope has no outcome yet, because the store does not answer. Another process continues it.',
  'feed.alarm': 'A feed has a new alarm: it failed, is late, or changed too much.',
  'feed.alarm_resolved': 'An alarm of a feed is resolved.',
  'feed.run': 'A run of a feed has ended, with its counts.',
  'feed.schedule': 'The schedule of a feed is not valid, or the schedules could not be read.',
  'feed.skipped':
    'A scheduled run did not take place, because the previous one still ran or the hub could not start it.',
  'feed.withheld':
    'The licence of a feed no longer allows redistribution. Its objects were removed from the other collections.',
  'invitation.failed': 'The page of an invitation or a password link failed. The visitor saw an error.',
  'held.released': 'An object on hold was checked again and has an outcome.',
  'housekeeping.failed': 'A round of housekeeping ended early. It is repeated after an hour.',
  'housekeeping.swept': 'Housekeeping removed expired records.',
  'hub.stopped': 'The hub has stopped cleanly.',
  'hub.stopping': 'The hub received a signal and completes the requests that it has begun.',
  'ledger.not_written': 'Reading positions were not stored. The delivery log is incomplete for this time.',
  'marking.expired':
    'The IEP policy of marking definitions has ended. Their objects were removed from all collections.',
  'marking.too_many':
    'A member has the maximum number of marking definitions. Objects with further ones stay on hold.',
  'marking.too_large':
    'A marking definition is too large to be remembered. Objects that name it stay on hold.',
  'member.declared_again':
    'The settings file again declares a member that was removed. The member has everything that it had before.',
  'network.approved':
    'A second person approved a wide network. Lists that block contain it until the time in `until`, if an indicator of it is valid.',
  'contact.email_failed': 'An email about a change of a contact could not be sent to an address of its team.',
  'notification.not_sent': 'A notification was stored, but not sent by email.',
  'notification.not_written': 'A notification about a guessed password was not stored.',
  'object.revoked': 'An object was revoked in the name of its owner.',
  'list.failed': 'A list failed with a fault of the hub (status 5xx). The response has the same error id.',
  'list.not_ready':
    'The hub is building the values of a list, or is making other lists first (status 503). The tool asks again.',
  'list.refused': 'A request for a list was refused (status 4xx).',
  'list.on_hold':
    'New content would empty, shrink or double a saved list, so it is not published until a person confirms it.',
  'list.publishing_failed': 'A saved list could not be compared with its collections. The hub tries again.',
  'list.stale_alarm': 'A saved list has not changed, or could not be made, for too long.',
  'list.stale': 'A list could not be made now. The caller got the previous one.',
  'object.revised': 'An object was corrected with a new version in the name of its owner.',
  'object.tightened': 'A stricter version of an object removed earlier versions from collections.',
  'opening.not_written':
    'The hub could not store that a member has opened an object, which still appears as unread.',
  'page.failed': 'A page failed with a fault of the hub. The visitor saw an error.',
  'password.not_rehashed':
    'A password was not stored with the present method after a sign-in. The hub tries again at the next one.',
  'receipts.not_trimmed': 'Old statuses of envelopes were not removed. The hub tries again.',
  'routing.failed':
    'Objects were not routed because of a fault of the hub or its store. Routing continues where it stopped.',
  'routing.restarted':
    'A setting changed that decides who receives what. Routing examines all stored objects of the collection again.',
  'routing.placed': 'Routing stored objects in collections of members.',
  'routing.withheld': 'Routing did not store an object, because a policy forbids it there.',
  'search.failed': 'The search index was not updated because of a fault. It continues where it stopped.',
  'settings.differ':
    'This process has other settings than the last one that applied them, without a higher `revision`. It does not apply them.',
  'settings.kept':
    'The first settings file of a hub does not declare its collection and feeds. They were kept.',
  'settings.reconciled': 'The settings file was applied, with the number of changes.',
  'sign_in.not_listed':
    'A sign-in is missing from the history of an account, because several happened at the same instant.',
  'single_sign_on.refused':
    'Somebody signed in at the provider, but no account of the hub is linked to this person.',
  'sign_in.failed': 'A sign-in failed: wrong password, code or key.',
  'sign_in.throttled': 'An address has failed to sign in many times. It has to wait.',
  'sign_in.not_noted': 'A sign-in from a new network was not noted. The account was not notified.',
  'store.failed': 'The disk failed. The hub writes nothing until it is restarted.',
  'store.checked': 'The store was checked at start. After an unclean stop, the check is complete.',
  'store.clock_ahead':
    'Dates added are ahead of the clock of this process. Compare the clocks of all processes.',
  'store.damaged': 'The database file is damaged. Stop the hub and restore a backup.',
  'store.not_checked': 'The store could not be checked at start.',
  'counts.not_shared':
    'Counts for a limit, such as sign-ins, were not shared with other processes. Until they are, each process knows only its own.',
  'taxii.failed':
    'A TAXII request failed with a fault of the hub (status 5xx). The response has the same error id.',
  'taxii.refused': 'A TAXII request was refused (status 4xx).',
  'tls.not_reloaded': 'A new TLS certificate could not be read. The previous one stays in use.',
  'tls.reloaded': 'The hub uses a new TLS certificate.',
  'feedback.cases_full':
    'Too many false positives wait for a decision. Further reports are stored, but open no case.',
  'suppression.not_revoked':
    'An indicator of the hub could not be revoked after its value was suppressed. The removal notice was placed.',
  'suppression.not_announced':
    'The removal notices of a suppressed value could not be placed. The hub tries again. No list contains the value.',
  'suppression.notice_refused':
    'A collection did not accept a removal notice. Notify the readers that do not fetch lists in another way.',
  'suppression.announced':
    'The removal notices of a suppressed value were placed in the collections that contain it.',
  'triage.full': 'The triage queue is full. Objects that affect no member are no longer added.',
  'value.suppressed': 'Somebody removed values from every list. `suppression` names the first of them.',
  'scores.failed': 'The hub could not count new objects for the scorecards. It tries again.',
  'scores.not_counted':
    'The numbers of submitted and rejected objects were not written. The hub tries again.',
  'scores.rebuilding':
    'The hub counts everything again for the scorecards: on request, or because a process was killed while it counted.',
  'values.lifetimes_changed':
    'Other lifetimes were applied to the values of a collection. `expired` is the number of values that expired because of them.',
  'values.failed':
    'The values of indicators, from which lists are made, did not follow new objects because of a fault. The hub tries again.',
  unhandled: 'An unexpected error of the hub outside any request. Please report it.',
};
