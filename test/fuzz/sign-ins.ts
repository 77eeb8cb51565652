import type { Draft } from './draft.ts';
import type { Answer } from './judge.ts';

interface SignIn {
  readonly id: string;
  readonly email: string;
  /** Password; `null`: the account has none, or was disabled. */
  password: string | null;
}

/** Accounts that requests have created, with their credentials. The first is the operator's, which stays. */
export class SignIns {
  readonly operator: SignIn;
  /** Token of the operator, which is refused once the operator's password changes. */
  token: string;
  readonly #others: SignIn[] = [];

  constructor(operator: SignIn, token: string) {
    this.operator = operator;
    this.token = token;
  }

  get accountIds(): string[] {
    return this.#others.map(({ id }) => id);
  }

  /** Returns the accounts that can sign in. */
  get able(): SignIn[] {
    return [this.operator, ...this.#others.filter(({ password }) => password !== null)];
  }

  add(account: SignIn): void {
    this.#others.push(account);
  }

  /**
   * Learns from an answer. @returns whether the operator's token is no longer valid, and no new one came
   */
  note(
    { method, template, actor }: Draft,
    sent: Record<string, unknown>,
    id: string | undefined,
    answer: Answer,
  ): boolean {
    if (answer.status >= 300) return false;
    const dataOf = () => JSON.parse(answer.body.toString()).data;
    const password = typeof sent.password === 'string' ? sent.password : null;
    switch (`${method} ${template}`) {
      case 'POST /api/accounts':
        this.add({ id: dataOf().account.id, email: dataOf().account.email, password });
        return false;
      case 'PATCH /api/accounts/{id}':
        return this.#change(id, password, sent.is_disabled === true);
      case 'POST /api/console/session/password':
        if (actor !== 'operator' && actor !== 'operator token') return false;
        this.operator.password = String(sent.new_password);
        return true;
      case 'POST /api/auth/password':
        if (actor !== 'operator' && actor !== 'operator token') return false;
        this.operator.password = String(sent.new_password);
        this.token = dataOf().token;
        return false;
      default:
        return false;
    }
  }

  #change(id: string | undefined, password: string | null, isDisabled: boolean): boolean {
    const isOperator = id?.toLowerCase() === this.operator.id;
    const account = isOperator ? this.operator : this.#others.find((one) => one.id === id?.toLowerCase());
    if (account && password !== null) account.password = password;
    if (account && isDisabled) account.password = null;
    return isOperator && password !== null;
  }
}
