import { Router, type Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Origin } from '../../access/sessions/throttle.ts';
import type { Log } from '../../kernel/log.ts';
import { NOT_STORED } from '../../kernel/http-door.ts';
import { reasonOf } from '../../kernel/problem.ts';
import type { Answers } from '../../sharing/deliveries/answers.ts';
import { tlpLabel } from '../../stix/markings.ts';
import { readForm } from '../shared/form.ts';
import { forVisitors, sendView, textsOf, type ReaderDefaults, type View } from '../shared/send-view.tsx';
import { AnswerPage } from './views/answer.tsx';
import { FirstEnd } from './views/first.tsx';

export interface AnswerRouterServices {
  readonly hub: string;
  readonly reader: ReaderDefaults;
  readonly answers: Pick<Answers, 'find' | 'follow'>;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Log;
}

/**
 * The pages behind the links in emails, `/answer/TOKEN`. They act only when a button is pressed, because programs that
 * scan emails open links.
 */
export function answerRouter({ hub, reader, answers, originOf, headers, log }: AnswerRouterServices): Router {
  const router = Router();
  router.use(forVisitors(reader));
  router.get('/:token', async (request, response) => {
    await tried(response, async () => {
      const found = await answers.find(request.params.token);
      if (found === undefined) return [404, <FirstEnd hub={hub} {...textsOf(response).answerLink.ended} />];
      const { does, member, tlp, added } = found;
      return [
        200,
        <AnswerPage hub={hub} does={does} member={member} tlp={tlp === undefined ? undefined : tlpLabel(tlp)} added={added} />,
      ]; // prettier-ignore
    });
  });
  // Mail programs post the one-click form of RFC 8058. The pages post an empty form.
  router.post('/:token', readForm(1_024, originOf), async (request, response) => {
    await tried(response, async () =>
      (await answers.follow(request.params.token))
        ? [
            200,
            <FirstEnd
              hub={hub}
              title={textsOf(response).answerLink.thankYou}
              text={textsOf(response).answerLink.responseRecorded}
            />,
          ]
        : [404, <FirstEnd hub={hub} {...textsOf(response).answerLink.ended} />],
    );
  });
  return router;

  async function tried(response: Response, work: () => Promise<[number, View]>): Promise<void> {
    let answer: [number, View];
    try {
      answer = await work();
    } catch (error) {
      log.error('email_link.failed', { reason: reasonOf(error) });
      answer = [
        503,
        <FirstEnd
          hub={hub}
          title={textsOf(response).answerLink.somethingWentWrong}
          text={textsOf(response).answerLink.tryAgainLater}
        />,
      ];
    }
    sendView(response, ...answer, { ...headers, ...NOT_STORED });
  }
}
