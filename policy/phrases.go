package policy

// Every sentence of a result, a description and an explanation, in each language.
// The Chinese is what an officer approves; the English says the same in words that an accountant follows.

var (
	pYes = phrase{"是", "yes"}
	pNo  = phrase{"否", "no"}
	pOr  = phrase{"或", " or "}

	pComma     = phrase{"，", ", "}
	pSemicolon = phrase{"；", "; "}
	pPause     = phrase{"、", ", "}
	pColon     = phrase{"$1：$2", "$1: $2"}
	pColonSign = phrase{"：", ": "}
	pBrackets  = phrase{"$1（$2）", "$1 ($2)"}
	pDated     = phrase{"$1（日期）", "$1 (its date)"}

	// periods and records
	pOfYear       = phrase{"$1年$2", "$2 of $1"}
	pOf           = phrase{"$1$2", "$2 of $1"}
	pValidNow     = phrase{"有效期内", "the day of evaluation"}
	pLastMonths   = phrase{"近$1个月", "the last $1 months"}
	pThisRound    = phrase{"本届", "this round"}
	pYear         = phrase{"$1年", "$1"}
	pYears        = phrase{"$1—$2年", "$1–$2"}
	pYearsUpTo    = phrase{"$1年及以前", "all years up to $1"}
	pRecordsValid = phrase{"评价日有效的$1", "$1 valid on the day of evaluation"}
	pRecordsNew   = phrase{"$1新列入或取得的$2", "$2 newly listed or obtained in $1"}
	pRecordsIn    = phrase{"$1列入或取得的$2", "$2 listed or obtained in $1"}
	pRecordsHow   = phrase{"$1$3的$2", "$2 $3 in $1"}
	pQuoted       = phrase{"“$1”", "“$1”"}
	pCount        = phrase{"$1的数量", "number of $1"}
	pBestField    = phrase{"$1的最高$2", "highest $2 of $1"}
	pFieldTotal   = phrase{"$1的$2合计", "total $2 of $1"}
	pFieldHighest = phrase{"$1的$2最高值", "highest $2 of $1"}
	pFieldLowest  = phrase{"$1的$2最低值", "lowest $2 of $1"}
	pFieldAverage = phrase{"$1的$2平均值", "average $2 of $1"}
	pReceived     = phrase{"此前已获“$1”的金额", "earlier award under “$1”"}
	pNothingYet   = phrase{"没有获得过请填0元", "write 0元 if there was none"}
	pFrom         = phrase{"$1起", "from $1"}
	pFromTo       = phrase{"$1至$2", "$1 to $2"}
	pUntil        = phrase{"至$1", "until $1"}
	pThere        = phrase{"有", "yes"}
	pNotThere     = phrase{"无", "none"}

	pPerformanceYear = phrase{"兑现年度", "the performance year"}
	pApplicationYear = phrase{"申报年度", "the year of application"}
	pBatch           = phrase{"申报批次", "the batch of the round"}

	// quantities
	pShareOf    = phrase{"$1占$2的比例", "$1 as a share of $2"}
	pColumn     = phrase{"$1($2)", "$1 ($2)"}
	pGrowth     = phrase{"$1的增长率", "growth rate of $1"}
	pIncrease   = phrase{"$1的增加额", "increase of $1"}
	pMeanGrowth = phrase{"$1的年均增长率(各年增长率的平均)", "mean yearly growth of $1 (the mean of the yearly growth rates)"}
	pCagr       = phrase{"$1的年均复合增长率", "compound annual growth rate of $1"}
	pAverage    = phrase{"$1的平均值", "average of $1"}
	pTotal      = phrase{"$1的合计", "total of $1"}
	pHighest    = phrase{"$1的最高值", "highest value of $1"}
	pLowest     = phrase{"$1的最低值", "lowest value of $1"}
	pFullYears  = phrase{"自$1起满的年数", "full years since $1"}
	pNotBegun   = phrase{"还没有开始：第1年在所看的那一年以后", "it has not begun: its first year comes after the year that is looked at"}
	pNthYear    = phrase{"$1起的第几年", "number of the year counted from $1"}

	// comparisons: the threshold alone, and the whole sentence
	pAtLeast   = phrase{"不低于$1", "at least $1"}
	pAtMost    = phrase{"不超过$1", "at most $1"}
	pOver      = phrase{"超过$1", "more than $1"}
	pUnder     = phrase{"低于$1", "less than $1"}
	pIs        = phrase{"为$1", "$1"}
	pWithin    = phrase{"属于$1", "within $1"}
	pSentence  = phrase{"$1$2", "$1 is $2"}
	pCondIf    = phrase{"如果$1，则$2", "if $1, then $2"}
	pAll       = phrase{"同时符合以下全部条件", "all of the following hold"}
	pAny       = phrase{"符合以下任一条件", "any one of the following holds"}
	pNone      = phrase{"没有以下任何情形", "none of the following holds"}
	pSome      = phrase{"符合以下$1项中的至少$2项", "at least $2 of the following $1 hold"}
	pJudged    = phrase{"$1（由$2判断）", "$1 (judged by $2)"}
	pSee       = phrase{"按$1执行（需人工核对）", "as $1 provides (a person checks it)"}
	pAuthority = phrase{"主管部门", "the competent authority"}
	pHas       = phrase{"有$1", "there is $1"}
	pHasCount  = phrase{"$1的数量$2", "the number of $1 is $2"}

	// values
	pUpTo         = phrase{"最高$1", "up to $1"}
	pFloor        = phrase{"不低于$1", "not less than $1"}
	pCaseByCase   = phrase{"一事一议", "decided case by case"}
	pByOffice     = phrase{"由主管部门确定", "set by the competent authority"}
	pOpenEnded    = phrase{"尚不能估计", "not yet known"}
	pNoMoreThan   = phrase{"至多$1", "at most $1"}
	pNoLessThan   = phrase{"至少$1", "at least $1"}
	pNothing      = phrase{"无", "nothing"}
	pRate         = phrase{"按$1的$2", "$2 of $1"}
	pPer          = phrase{"按$1，每满$2给予$3", "for every full $2 of $1, $3"}
	pDrop         = phrase{"，不足$1的部分不计", "; a part of less than $1 does not count"}
	pProrate      = phrase{"，不足$1的部分按比例计算", "; a part of less than $1 counts in proportion"}
	pRoundUp      = phrase{"，不足$1的按$1计", "; a part of less than $1 counts as $1"}
	pBandMiddle   = phrase{"超过$1至$2的部分", " above $1 up to $2"}
	pBandAbove    = phrase{"超过$1的部分", " above $1"}
	pBandBelow    = phrase{"不超过$1的部分", " up to $1"}
	pTable        = phrase{"按$1分档：$2", "by $1: $2"}
	pRow          = phrase{"$1的给$2", "$1 gives $2"}
	pElse         = phrase{"；其他的给$1", "; otherwise $1"}
	pNoElse       = phrase{"；达不到最低一档的不予奖励", "; below the lowest row nothing is given"}
	pOutsideRows  = phrase{"；不在以上各档的不予奖励", "; outside these rows nothing is given"}
	pGrouped      = phrase{"（$1）", "($1)"}
	pSum          = phrase{"以下相加：$1", "the sum of: $1"}
	pMost         = phrase{"以下取最高：$1", "the highest of: $1"}
	pPlus         = phrase{"，再加", ", plus "}
	pEach         = phrase{"$1每一项给予$2", "$2 for each of: $1"}
	pEachTogether = phrase{"各项合计后，", "of all of them together, "}
	pValueIf      = phrase{"如果$1，$2", "if $1, $2"}
	pTimes        = phrase{"乘以$1", "times $1"}
	pLess         = phrase{"减去$1", "less $1"}
	pRecover      = phrase{"$1（不足的追回）", "$1 (what is short is recovered)"}
	pSumOf        = phrase{"以下各项相加", "the sum of the following"}
	pMostOf       = phrase{"以下各项取最高", "the highest of the following"}

	pHighestOf = phrase{"$1中的最高", "the highest of $1"}
	pLowestOf  = phrase{"$1中的最低", "the lowest of $1"}

	// what a scheme gives and its limits
	pRecognised  = phrase{"认定为$1", "recognition as $1"}
	pHonoured    = phrase{"授予$1", "the honour $1"}
	pRated       = phrase{"评定$1", "the rating $1"}
	pLadder      = phrase{"按$1评定等级：$2", "the level by $1: $2"}
	pRung        = phrase{"$1的为$2", "$1: $2"}
	pRungElse    = phrase{"；其他的为$1", "; otherwise $1"}
	pLicensed    = phrase{"许可$1", "the licence $1"}
	pCertificate = phrase{"发给$1", "with the certificate $1"}
	pHeldAs      = phrase{"有效期内记为“$1”，以后的条款可以读到", "recorded as $1 while it is valid, which later schemes read"}
	pHeldAsWith  = phrase{"有效期内记为“$1”（$2），以后的条款可以读到", "recorded as $1 ($2) while it is valid, which later schemes read"}
	pFieldLevel  = phrase{"$1按评定的等级", "$1 as rated"}
	pSeries      = phrase{"编号为 $1 加$2位顺序号，不断号", "numbered $1 and $2 digits, without a gap"}
	pYearPlace   = phrase{"（年份）", " (year)"}
	pValidFor    = phrase{"$1，有效期$2", "$1, valid for $2"}
	pEveryOne    = phrase{"每个$1", "each $1 "}
	pEveryPerson = phrase{"每人", "each person "}
	pEveryTime   = phrase{"每$1", "each $1 "}
	pLimit       = phrase{"$1$2不超过$3", "$1$2at most $3"}
	pTogether    = phrase{"与相关条款合计，$1", "together with related clauses, $1"}
	pHighestOnly = phrase{"$1，就高不重复", "$1; only the highest counts"}
	pFirstCome   = phrase{"$1，先到先得", "$1; first come, first served"}
	pRanked      = phrase{"$1，按$2排名", "$1; by rank of $2"}
	pProRata     = phrase{"$1，超出时同比例核减", "$1; cut in proportion when exceeded"}

	// gaps
	pNoBase        = phrase{"上期数为零或负，无法计算", "the earlier figure is zero or negative; it cannot be computed"}
	pNoWhole       = phrase{"$1为零或负，不能作除数，无法计算", "$1 is zero or negative; nothing can be divided by it"}
	pElseSame      = phrase{"$1（其他数不变时）", "$1 (all other figures as they are)"}
	pWholeMoves    = phrase{"$1（$2随之变动）", "$1 (and $2 with it)"}
	pRanOut        = phrase{"$1已于$2到期", "$1 ran out on $2"}
	pNoneYet       = phrase{"尚无$1", "there is no $1 yet"}
	pNoneNew       = phrase{"$1没有新的$2", "no new $2 in $1"}
	pNotAmong      = phrase{"不在各档之中（$1）", "none of the rows ($1)"}
	pNearest       = phrase{"最接近的一项$1：$2", "the nearest one$1: $2"}
	pNoneCounts    = phrase{"有$1，没有一项符合", "$1 found, of which none counts"}
	pNoneReaches   = phrase{"共$1，没有一项达到最低一档；第一项$2：$3", "$1, of which none reaches a row; the first one$2: $3"}
	pShortOf       = phrase{"还差$1", "$1 short"}
	pApart         = phrase{"相差$1", "$1 away"}
	pShould        = phrase{"应$1", "it should be $1"}
	pMust          = phrase{"须$1，正好相等不算", "it must be $1; exactly that does not count"}
	pCagrIs        = phrase{"年均复合增长率$1", "the compound annual growth rate is $1"}
	pJudgedNot     = phrase{"经判断不符合", "judged not to be so"}
	pShouldNotBe   = phrase{"存在不应有的情形", "it holds, and it must not"}
	pMoreBy        = phrase{"$1再增加$2，达到$3", "$1 up by $2, to $3"}
	pLessBy        = phrase{"$1再减少$2，达到$3", "$1 down by $2, to $3"}
	pLackOver      = phrase{"$1差$2，应达到$3", "$1 is $2 short of $3"}
	pMuchOver      = phrase{"$1多$2，应不超过$3", "$1 is $2 above $3"}
	pYearOver      = phrase{"$1（该年度已结束，不能再改变）", "$1 (that year is over and cannot be changed)"}
	pNextRowOver   = phrase{"$1$2的多得$3（该年度已结束，不能再改变）", "$1 $2 would have added $3 (that year is over and cannot be changed)"}
	pNextRow       = phrase{"$1$2，可增加$3", "$1 $2 would add $3"}
	pLowestRow     = phrase{"最低一档要求$1$2", "the lowest row asks that $1 be $2"}
	pBelowLowest   = phrase{"未达到最低一档", "below the lowest row"}
	pNotApplicable = phrase{"不适用", "not applicable"}

	// what would have to change
	pFindOut        = phrase{"先弄清$1", "first find out: $1"}
	pAwaitJudgement = phrase{"待$1判断：$2", "to be judged by $1: $2"}
	pJudgeAgain     = phrase{"须由$1重新判断", "$1 would have to judge anew"}
	pFullOn         = phrase{"到$1满$2，还差$3", "$2 complete on $1, $3 to go"}
	pFullSince      = phrase{"到$1，自$2起满$3（还差$4）", "on $1, $3 since $2 will be complete ($4 to go)"}
	pFullTooLate    = phrase{"到$1才满$2，那时文件已失效", "$2 are complete on $1 only, when the document has expired"}
	pNoFigure       = phrase{"没有哪一个数单独变动就能达到", "no single figure can close it"}
	pCannotMove     = phrase{"“$1”不是申报人能改变的", "“$1” is nothing that an applicant can change"}
	pCannotObtain   = phrase{"“$1”不是申报人自己能办到的", "“$1” is nothing that an applicant can bring about"}
	pShouldBe       = phrase{"$1应为“$2”", "$1 should be “$2”"}
	pShouldHave     = phrase{"$1没有列入或取得$2", "$2 was not entered or obtained in $1"}
	pShouldHaveHow  = phrase{"$1没有$3$2", "there was no $2 $3 in $1"}
	pShouldHaveMore = phrase{"$1列入或取得的$2少$3", "$2: $3 fewer in $1"}
	pShouldMoreHow  = phrase{"$1$4的$2少$3", "$2 $4 in $1: $3 fewer"}
	pTotalLacks     = phrase{"$1差$2", "$1 is $2 short"}
	pBecomes        = phrase{"$1变为“$2”", "$1 becomes “$2”"}
	pFieldIs        = phrase{"$1 $2", "$1: $2"}
	pObtain         = phrase{"列入或取得$1", "enter or obtain $1"}
	pObtainHow      = phrase{"$2$1", "one more of $1, $2"}
	pObtainMoreHow  = phrase{"再$3$1$2", "$2 more of $1, $3"}
	pObtainMore     = phrase{"再列入或取得$1$2", "enter or obtain $2 more of $1"}
	pTotalMore      = phrase{"$1再增加$2", "$1 up by $2"}
	pMustCease      = phrase{"不再有这种情形：$1", "this must cease: $1"}
	pScoreMost      = phrase{"能动的指标都做到最好，也只有$1", "even with everything that can move at its best, it comes to $1"}
	pGoesTo         = phrase{"$1：$2 → $3", "$1: $2 → $3"}
	pPast           = phrase{"$1年度已结束，不能再改变；$2年的数在$3年申报时才起作用", "$1 is over and cannot be changed; a figure of $2 counts for an application in $3"}
	pPastFixed      = phrase{"$1年度已结束，不能再改变；本文件只看$2年度，以后各年要看新的文件", "$1 is over and cannot be changed; this document is about $2 only, later years need a later document"}

	// explanations
	pMet            = phrase{"符合", "met"}
	pUnmet          = phrase{"不符合", "not met"}
	pUnknown        = phrase{"待补充", "facts missing"}
	pManual         = phrase{"需人工判断", "needs judgement"}
	pSecClause      = phrase{"依据", "The clause"}
	pSecConditions  = phrase{"条件", "The conditions"}
	pSecFigures     = phrase{"所用的数据", "The figures used"}
	pSecAmount      = phrase{"金额怎样算", "How the amount comes about"}
	pSecLevel       = phrase{"等级", "The level"}
	pSecChanges     = phrase{"要改变什么", "What would have to change"}
	pSecWays        = phrase{"要改变什么（以下办法任选一个，来得及的在前，从易到难）", "What would have to change (any one of these: what still counts first, the easier first)"}
	pSecMissing     = phrase{"还不知道什么，它会决定什么", "What is not known, and what it would decide"}
	pSecAssumptions = phrase{"怎样理解原文", "How open points are read"}
	pSecDates       = phrase{"时间", "Dates"}
	pShortCut       = phrase{"$1（已按封顶$2计）", "$1 (cut by the cap of $2)"}
	pShortMore      = phrase{"$1（补充资料后可达：$2）", "$1 (once everything is known, as much as: $2)"}
	pAndOthers      = phrase{"$1 等$2项", "$1, $2 in all"}
	pAndSteps       = phrase{"$1 等$2步", "$1, $2 steps in all"}
	pOneOfWays      = phrase{"$1（另有$2个办法）", "$1 (further ways: $2)"}
	pNoNumber       = phrase{"文号未查到", "document number not found"}
	pNoCite         = phrase{"未查到", "not found"}
	pCite           = phrase{"条款 $1", "clause $1"}
	pOfficeIs       = phrase{"责任部门 $1", "in charge: $1"}
	pPerformanceOf  = phrase{"$1年度", "year $1"}
	pParaphrase     = phrase{"条文（转述）：$1", "the clause (a paraphrase): $1"}
	pInChinese      = phrase{"条文（转述）", "the clause, a paraphrase in Chinese"}
	pUnderstood     = phrase{"系统的理解：$1", "understood as: $1"}
	pOnlyIf         = phrase{"前提：$1", "only if: $1"}
	pActualSum      = phrase{"实际 $1 = $2", "actual: $1 = $2"}
	pActual         = phrase{"实际 $1", "actual: $1"}
	pRequired       = phrase{"要求 $1", "required: $1"}
	pJudgedBy       = phrase{"由$1判断", "judged by $1"}
	pTyped          = phrase{"在本页填写", "typed here"}
	pSource         = phrase{"来源 $1", "source: $1"}
	pEvidence       = phrase{"凭证 $1", "evidence: $1"}
	pVerified       = phrase{"已核实", "verified"}
	pDeclared       = phrase{"申报，未核实", "declared, not verified"}
	pDisputed       = phrase{"有争议", "disputed"}
	pDue            = phrase{"应得：$1", "due: $1"}
	pCeilingNote    = phrase{"“最高”是上限，实际数额由主管部门在上限内核定", "“up to” is a ceiling: the competent authority sets the sum below it"}
	pPotential      = phrase{"补充资料后可达：$1", "once everything is known, as much as: $1"}
	pPotentialNone  = phrase{"限额已用完：补充资料后也不能再得", "the limit is used up: nothing more can be paid, whatever becomes known"}
	pPaidThus       = phrase{"怎样支付", "how it is paid"}
	pPaidOpen       = phrase{"怎样支付（其中的数还不能定）", "how it is paid (its sums are not certain yet)"}
	pSharedLimits   = phrase{"另受以下限制，须在批次中结算", "also limited as follows, which only the settlement of the round decides"}
	pComesTo        = phrase{"按条款算得：$1", "the clause comes to: $1"}
	pOwnLimits      = phrase{"另受本申报人的限额", "limits of this applicant alone"}
	pLeft           = phrase{"$1：$4已得$2，还可得$3", "$1: $2 received $4, $3 left"}
	pLeftNone       = phrase{"$1：$3已得$2，不能再得", "$1: $2 received $3, nothing is left"}
	pLeftFresh      = phrase{"$1：$2没有得过", "$1: nothing received $2"}
	pLeftBefore     = phrase{"此前", "before"}
	pLeftYear       = phrase{"$1年度", "for $1"}
	pLeftCount      = phrase{"$1次", "$1 award(s)"}
	pLeftMay        = phrase{"$1；已经用去的还要扣除，可能更少", "$1; what has been used of it is deducted, so it may be less"}
	pLeftTimes      = phrase{"$1；已经得过的也算在内，可能不能再得", "$1; earlier awards count too, so there may be nothing left"}
	pShortLeft      = phrase{"$1（按限额至多$2）", "$1 (at most $2 under a limit)"}
	pShortSure      = phrase{"$1（按限额还可得$2）", "$1 (only $2 left under a limit)"}
	pShortNone      = phrase{"$1（限额已用完，不能再得）", "$1 (the limit is used up: nothing is left)"}
	pLevelAtMost    = phrase{"还不能定，至多为$1", "not certain yet, at most $1"}
	pLevelBetween   = phrase{"在$1与$2之间，补充资料后可定", "between $1 and $2, decided once everything is known"}
	pLevelNext      = phrase{"再得$1为$2", "$1 more: $2"}
	pWay            = phrase{"办法$1", "Way $1"}
	pWayAlone       = phrase{"以下都要做到", "All of the following"}
	pNotSo          = phrase{"没有：$1", "not so: $1"}
	pClosedWay      = phrase{"其中有的不是申报人能改变的", "some of this is nothing that an applicant can change"}
	pFromYear       = phrase{"要到$1年申报时才起作用", "counts only for an application in $1"}
	pLaterDocument  = phrase{"本年度的数已定，要看以后年度的文件", "the figures of this year are settled; it takes a later year's document"}
	pUnsure         = phrase{"是否足够，还要看未知的情况或人工判断", "whether it suffices also depends on what is not known or on a judgement"}
	pNoWay          = phrase{"没有找到改变哪些数就能符合的办法；各差多少，见各个条件", "no way has been found in which changed figures would meet it; each condition says how far it is"}
	pOtherWays      = phrase{"另有$1个办法没有列出", "$1 further ways are not listed"}
	pNotExact       = phrase{"组合太多，没有全部试过，列出的未必最省", "there were too many combinations to try them all; a cheaper way may exist"}
	pSupposes       = phrase{"这一条是给$1的，现有的数据里没有$1，所以不计入合计；有的请补充以下数据", "this clause is for: $1. No figure of one is stated, so that it is in no total; whoever has one states the following"}
	pVouches        = phrase{"以$1的数据为准", "the data of $1 count"}
	pDecides        = phrase{"决定：$1", "decides: $1"}
	pDecidesAmount  = phrase{"决定：给多少", "decides: how much is given"}
	pDecidesPart    = phrase{"决定：“$1”这一期付多少", "decides: how much is paid on $1"}
	pDecidesDue     = phrase{"决定：“$1”这一期能不能付", "decides: whether what is paid on $1 is due"}
	pDecidesLevel   = phrase{"决定：评定哪一级", "decides: which level it is rated"}
	pTurns          = phrase{"$1$2时符合", "met when $1 is $2"}
	pAssumed        = phrase{"按“$1”理解（待确认）", "read as follows, to be confirmed (in Chinese):"}
	pConfirmed      = phrase{"按“$1”理解（已确认）", "read as follows, confirmed (in Chinese):"}
	pChosenBy       = phrase{"由$1选定", "chosen by $1"}
	pUpcoming       = phrase{"文件自$1起施行，现在还不能申报", "the document is in force from $1; it cannot be applied for yet"}
	pExpired        = phrase{"评估日时文件已失效：除已开的批次外，只供参考", "the document had expired on the day of evaluation: for reference only, save in a round already opened"}
	pBeginsWithin   = phrase{"文件只知道自$1起施行，不知道哪一天，这里按最早的$2算，请先核对是否已经施行",
		"the document is in force from $1, of which the day is not known; the earliest, $2, is taken here: make sure that it is in force"}
	pNoDates      = phrase{"有效期未查到：发布日和有效期都没有找到，按任何日期都有效处理", "validity not found: neither the day of publication nor an end is known, so that it is taken as valid on any day"}
	pChangesOn    = phrase{"到$1，即使情况不变，结果也会改变", "from $1 the result is another though nothing else changes"}
	pValidUntil   = phrase{"文件有效期至$1", "the document is valid until the end of $1"}
	pReplacedFrom = phrase{"文件自$1起被新文件代替", "a new document replaces this one from $1"}
	pDisputedAll  = phrase{"所依据的数据有争议或前后不一", "the figures are disputed or contradict each other"}

	// the arithmetic
	pCountSteps      = phrase{"$1档", "$1 steps"}
	pSeveral         = phrase{"若干", "some"}
	pDropped         = phrase{"不足一档不计", "a part of a step does not count"}
	pProrated        = phrase{"不足一档按比例", "a part of a step counts in proportion"}
	pRoundedUp       = phrase{"不足一档算一档", "a part of a step counts as a step"}
	pBandIs          = phrase{"其中$1：$2", "of which$1: $2"}
	pWorkEach        = phrase{"$1共$2，合计$3", "$1: $2, together $3"}
	pEachCounts      = phrase{"计入：$1：$2", "counts: $1: $2"}
	pEachCountsTimes = phrase{"计入：$1：每项$2，$3共$4", "counts: $1: $2 each, $3 together $4"}
	pEachLeft        = phrase{"不计：$1：$2", "does not count: $1: $2"}
	pEachOpen        = phrase{"待定：$1：$2", "open: $1: $2"}
	pEachMoreOpen    = phrase{"待定：另$1", "open: $1 more"}
	pEachMore        = phrase{"计入：另$1，共$2", "counts: $1 more, together $2"}
	pEachMoreLeft    = phrase{"不计：另$1", "does not count: $1 more"}
	pAlike           = phrase{"$1（×$2）", "$1 (×$2)"}
	pNoDate          = phrase{"没有日期，不知道是不是这一期的", "it has no date, so that it is not known whether it counts"}
	pGuardOpen       = phrase{"给予的前提还不能定", "what it is given under is not known"}
	pFieldsOpen      = phrase{"没有写明$1，还不能定", "$1 is not stated, so that it is open"}
	pOutsidePeriod   = phrase{"不在$1", "it is not of $1"}
	pNotUnder        = phrase{"给予的前提不成立", "what it is given under is not so"}
	pPartNotUnder    = phrase{"不计：$1（前提不成立：$2）", "does not count: $1 (what it is given under is not so: $2)"}
	pPartOpen        = phrase{"待定：$1（前提还不能定：$2）", "open: $1 (what it is given under is not known: $2)"}
	pNoRow           = phrase{"没有达到任何一档", "it reaches no row"}
	pTogether2       = phrase{"合计 $1 = $2", "together $1 = $2"}
	pWorkTimes       = phrase{"$1 × $2 = $3", "$1 × $2 = $3"}
	pWorkLess        = phrase{"$1 − $2（$3） = $4", "$1 − $2 ($3) = $4"}
	pWorkCut         = phrase{"$1超过封顶$2，按$3计，少$4", "$1 exceeds the cap of $2: cut to $3, $4 less"}
	pWorkCutPart     = phrase{"$1中超过封顶$2的按$2计：$3", "what of $1 exceeds the cap of $2 is cut to $2: $3"}
	pWorkCutOpen     = phrase{"$1，封顶还不能定，先按$2计", "$1: the cap is not certain yet, $2 is counted until it is"}
	pWorkCutBetween  = phrase{"$1，封顶还不能定：$2，先按$3计", "$1: the cap is not certain yet, so that it is $2; $3 is counted until it is"}
	pWorkCutManual   = phrase{"$1，封顶还不能定", "$1: the cap is not certain yet"}
	pWorkFloorOpen   = phrase{"$1，保底还不能定：$2，先按$3计", "$1: the floor is not certain yet, so that it is $2; $3 is counted until it is"}
	pCountedAs       = phrase{"$1（先按$2计）", "$1 (counted as $2 until it is known)"}
	pWorkSince       = phrase{"$1 — $2", "$1 — $2"}
	pWorkFloor       = phrase{"$1低于保底，按$2计", "$1 is below the floor: raised to $2"}
	pWorkDown        = phrase{"不足一分的舍去：$1 → $2", "a part of a fen is dropped: $1 → $2"}
	pWorkHalfUp      = phrase{"分以下四舍五入：$1 → $2", "rounded to the fen, half up: $1 → $2"}
	pWorkUp          = phrase{"不足一分的进为一分：$1 → $2", "a part of a fen counts as one: $1 → $2"}
	pWorkIs          = phrase{"$1为$2：$3", "$1 is $2: $3"}
	pNotKnown        = phrase{"不知道", "unknown"}
	pNotKnownYet     = phrase{"不知道（先按$1计）", "unknown (counted as $1 until it is known)"}
	pNotCertain      = phrase{"$1（还不能定）", "$1 (not certain yet)"}
	pWorkMost        = phrase{"$1中取最高，第$2项：$3", "the highest of $1 is number $2: $3"}
	pWorkLeast       = phrase{"$1还不能定，先按可能的各档中最少的计：$2", "$1 is not certain yet: the least of the rows that it may reach is taken, $2"}
)

var operatorPhrases = map[string]*phrase{"at_least": &pAtLeast, "at_most": &pAtMost, "over": &pOver, "under": &pUnder, "is": &pIs, "within": &pWithin}

// than is a threshold with its operator: 不低于10%, at least 10%.
func (r *reader) than(op, threshold string) string { return r.say(operatorPhrases[op], threshold) }
